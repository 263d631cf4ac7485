import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { programs, type Program } from "./programs.ts";
import { isReached, type Figure } from "./support/figure.ts";
import { table } from "./table.ts";

/** What one program gave, or why it gave nothing. */
interface Measured {
  readonly name: string;
  readonly place: Program["place"];
  readonly seconds: number;
  /** Of the last minute, before it began: a busy machine explains a bad figure. */
  readonly loadBefore: number;
  readonly figures: readonly Figure[];
  readonly problem?: string;
}

interface Options {
  readonly json?: string | true;
  readonly profile?: string;
}

const here = import.meta.dirname;
const guest = join(here, "../guest/guest.ts");

/** Runs one program where it belongs and reads its figures. What it says on stderr is passed on. */
async function measure(program: Program, profile: string | undefined): Promise<Measured> {
  const { name, place } = program;
  const startedAt = performance.now();
  const loadBefore = loadavg()[0] ?? NaN;
  const child = spawn(process.execPath, argumentsFor(program), {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      TMPDIR: scratch,
      ...(profile !== undefined && { BLUT_BENCH_PROFILE: profile }),
    },
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => (text += more));
  const [code] = (await once(child, "close")) as [number | null];
  const seconds = (performance.now() - startedAt) / 1000;
  const told = { name, place, seconds, loadBefore };
  if (code !== 0) return { ...told, figures: [], problem: `it ended with ${String(code)}` };
  return { ...told, figures: JSON.parse(text) as Figure[] };
}

function argumentsFor({ name, place, mem = "2G", qemu }: Program): string[] {
  const file = `test/bench/figures/${name}.ts`;
  const kernel = qemu === true ? ["--qemu"] : [];
  return place === "host"
    ? [file]
    : [guest, ...kernel, "--mem", mem, "--timeout", "1800", "node", file];
}

/** The machine, for whoever compares two documents. */
function machine() {
  const commit = spawnSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).stdout;
  const [cpu] = cpus();
  return {
    cpus: cpus().length,
    cpu: cpu?.model ?? "unknown",
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    commit: commit.trim(),
  };
}

function parse(argv: readonly string[]) {
  const command = new Command("npm run bench --")
    .description(
      "Measures what blut promises about speed and size; peers are measured in the same run.",
    )
    .argument("[name...]", "which to run; without one, all of them")
    .option("--json [file]", "the document of it all, into a file or on stdout")
    .option("--profile <dir>", "every daemon on the host leaves a CPU profile there")
    .addHelpText(
      "after",
      `\n${programs.map((p) => `${p.name.padEnd(14)}${p.place.padEnd(7)}${p.summary}`).join("\n")}`,
    )
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  command.parse(argv, { from: "user" });
  const unknown = command.args.find((name) => !programs.some((p) => p.name === name));
  if (unknown !== undefined) command.error(`there is no figure ${unknown}; --help lists them`);
  const { args } = command;
  const chosen = programs.filter(({ name }) => args.length === 0 || args.includes(name));
  return { chosen, ...command.opts<Options>() };
}

const { chosen, json, profile } = parse(process.argv.slice(2));
process.chdir(join(here, "../.."));
console.error("bundling blutctl and blutd");
execFileSync(process.execPath, ["packaging/bundle.ts"], { stdio: ["ignore", "ignore", "inherit"] });
// Ctrl-C reaches the program that measures, too: it ends, then so do we, and everything of it goes.
const scratch = mkdtempSync(join(tmpdir(), "blut-bench-"));
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    interrupted.abort();
  });
}
const when = new Date().toISOString();
const measured: Measured[] = [];
for (const program of chosen) {
  if (interrupted.signal.aborted) break;
  console.error(`${program.name} (${program.place}): ${program.summary}`);
  const one = await measure(program, profile);
  measured.push(one);
  const load = `load ${one.loadBefore.toFixed(1)} before, ${one.seconds.toFixed(0)} s`;
  console.error(
    one.problem === undefined ? `${table(one.figures)}\n  ${load}\n` : `  FAILED: ${one.problem}\n`,
  );
}
rmSync(scratch, { recursive: true, force: true });
const document = {
  when,
  machine: machine(),
  programs: measured.map((one) => ({
    ...one,
    figures: one.figures.map((figure) => ({ ...figure, reached: isReached(figure) })),
  })),
};
if (json === true) console.log(JSON.stringify(document, undefined, 2));
else {
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(document, undefined, 2)}\n`);
  console.log(table(measured.flatMap(({ figures }) => figures)));
}
const isWhole =
  !interrupted.signal.aborted && measured.every(({ problem }) => problem === undefined);
process.exitCode = isWhole ? 0 : 1;
