/*
 * What it costs to know what a step is given: one file of 4 GiB against sha256sum, a tree of 50,000 small
 * files against git hash-object over the same files, from the page cache and from the disk, and both again
 * when nothing changed. Wants to be root: only root can drop the page cache.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Digester } from "../../../daemon/artifacts/digester.ts";
import { WorkPool } from "../../../daemon/artifacts/work-pool.ts";
import { systemClock } from "../../../daemon/base/clock.ts";
import { ok } from "../../../daemon/domain/result.ts";
import { Store } from "../../../daemon/store/store.ts";
import { report, say, type Figure } from "../support/figure.ts";
import { duel, duelFigures, median, timed, timedEach } from "../support/samples.ts";

const gib = 1024 ** 3;
const fileBytes = 4 * gib;
const folders = 500;
const filesEach = 100;

const scratch = mkdtempSync(join(tmpdir(), "blut-digest-"));
process.on("exit", () => {
  rmSync(scratch, { recursive: true, force: true });
});
const file = join(scratch, "file");
const tree = join(scratch, "tree");
const list = join(scratch, "list");

function prepare(): void {
  execFileSync(
    "dd",
    ["if=/dev/urandom", `of=${file}`, "bs=4M", `count=${fileBytes / 4 / 1024 ** 2}`],
    {
      stdio: "ignore",
    },
  );
  const paths: string[] = [];
  for (let folder = 0; folder < folders; folder++) {
    const directory = join(tree, `d${folder}`);
    mkdirSync(directory, { recursive: true });
    for (let n = 0; n < filesEach; n++) {
      const path = join(directory, `f${n}`);
      writeFileSync(path, `${folder} ${n} `.repeat(1 + ((folder * n) % 300)));
      paths.push(path);
    }
  }
  writeFileSync(list, `${paths.join("\n")}\n`);
  execFileSync("sync");
}

/** The disk has to be read after this. */
function dropCaches(): void {
  execFileSync("sync");
  writeFileSync("/proc/sys/vm/drop_caches", "3");
}

/** Runs a program with its input from a file, and waits for its end. */
async function run(command: string, args: readonly string[], input = "/dev/null"): Promise<void> {
  const stdin = openSync(input, "r");
  const child = spawn(command, args, { stdio: [stdin, "ignore", "inherit"] });
  closeSync(stdin);
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}`);
}

const opened = Store.open(join(scratch, "blut.db"), systemClock);
if (!opened.ok) throw new Error(opened.error.message);
const store = opened.value;
const pool = new WorkPool(systemClock);

/** To its clock every file is old: what it read is put on record, and not read again. */
const digester = new Digester({
  store,
  pool,
  clock: { ...systemClock, now: () => Date.now() + 10_000 },
});

async function digest(path: string): Promise<void> {
  const content = await digester.contentOf(path);
  if (!content.ok) throw new Error(content.error.message);
}

/** As if it had never been seen. */
async function forget(): Promise<void> {
  const forgotten = await store.write(() => {
    store.fileDigests.forgetBefore(Infinity);
    return ok(undefined);
  });
  if (!forgotten.ok) throw new Error(forgotten.error.message);
}

/** One thing against its peer, warm or cold. */
async function against(
  path: string,
  peer: () => Promise<void>,
  { rounds, isCold }: { readonly rounds: number; readonly isCold: boolean },
) {
  const round = (work: () => Promise<void>) => async (): Promise<number[]> => {
    await forget();
    if (isCold) dropCaches();
    return [await timed(work)];
  };
  return duel(
    rounds,
    round(() => digest(path)),
    round(peer),
  );
}

/** Nothing changed since: how long it takes to see that, and how many bytes are read for it. */
async function again(path: string, what: string): Promise<Figure[]> {
  await digest(path);
  const before = digester.readBytes;
  const samples = await timedEach(5, () => digest(path));
  return [
    { what: `${what}, unchanged`, unit: "ms", value: median(samples) },
    {
      what: `${what}, unchanged: bytes read`,
      unit: "B",
      value: digester.readBytes - before,
      target: { of: "value", is: "at most", bound: 0 },
    },
  ];
}

say("writing 4 GiB and 50,000 files");
prepare();
const sha256sum = (): Promise<void> => run("sha256sum", [file]);
const hashObject = (): Promise<void> => run("git", ["hash-object", "--stdin-paths"], list);
const figures: Figure[] = [];
for (const isCold of [false, true]) {
  const how = isCold ? "from the disk" : "from the page cache";
  say(`a file of 4 GiB ${how}`);
  const one = await against(file, sha256sum, { rounds: isCold ? 1 : 3, isCold });
  figures.push({
    what: `digest of a file of 4 GiB ${how}`,
    unit: "ms",
    ...duelFigures(one, "sha256sum"),
    // 0.8 times as fast.
    target: { of: "ratio", is: "at most", bound: 1.25 },
  });
  say(`a tree of 50,000 files ${how}`);
  const many = await against(tree, hashObject, { rounds: isCold ? 3 : 7, isCold });
  figures.push({
    what: `digest of a tree of 50,000 files ${how}`,
    unit: "ms",
    ...duelFigures(many, "git hash-object"),
    target: { of: "ratio", is: "at most", bound: 1.5 },
  });
}
say("both again, unchanged");
figures.push(
  ...(await again(file, "a file of 4 GiB")),
  ...(await again(tree, "a tree of 50,000 files")),
);
await pool.stop();
store.close();
report(...figures);
