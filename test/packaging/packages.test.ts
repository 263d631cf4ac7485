import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = path.join(import.meta.dirname, "../..");
const version = "0.0.3";
const names = [`blut-${version}.tgz`, `blut_${version}_amd64.deb`];
const patience = 600_000;

let directory: string;
const place = (...names: string[]): string => path.join(directory, ...names);

interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs a program to its good end and answers its output. */
function done(words: readonly string[], { env = {}, cwd = root }: Surroundings = {}): string {
  const [program = "", ...args] = words;
  const ran = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  expect(ran.status, `${words.join(" ")}: ${ran.stdout}${ran.stderr}`).toBe(0);
  return ran.stdout;
}

function build(out: string, surroundings: Surroundings): void {
  const program = path.join(root, "packaging/package.ts");
  done([process.execPath, program, "--out", place(out), "--version", version], surroundings);
}

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "blut-packages."));
  build("one", {});
}, patience);

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

test(
  "two builds, at different places and by different people, give the same bytes",
  () => {
    const elsewhere = { TZ: "Asia/Tokyo", LC_ALL: "C", COLUMNS: "40", HOME: place() };
    const umask = process.umask(0o077);
    build("two/further/down", { env: elsewhere, cwd: tmpdir() });
    process.umask(umask);
    const digests = (out: string): string[] =>
      names.map((name) =>
        createHash("sha256")
          .update(readFileSync(place(out, name)))
          .digest("hex"),
      );
    expect(digests("two/further/down")).toEqual(digests("one"));
  },
  patience,
);

describe("the npm package", () => {
  const cookbook = `
    import { writeFileSync } from "node:fs";
    import { arg, artifact, cookbook, plan, recipe, stage } from "blut/cookbook";
    const write = stage({
      name: "write", version: "1", category: "data", args: { word: arg.string({ default: "hello" }) },
      output: artifact("text", ["text"]),
      run: ({ args, out }) => writeFileSync(out + "/text", args.word),
    });
    const words = recipe({
      name: "words", args: { word: arg.string({ default: "hello" }) },
      plan: ({ word }) => plan().start("write", write, { word }).finish(),
    });
    export default cookbook({ stages: [write], recipes: [words] });
  `;
  // No Node of ours in the path, and nothing of the checkout.
  const plain = (): Readonly<Record<string, string>> => ({
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    BLUT_SOCKET: place("blutd.sock"),
    XDG_CACHE_HOME: place("cache"),
  });

  beforeAll(() => {
    const tarball = place("one", names[0] ?? "");
    const npm = ["npm", "install", "--global", "--prefer-offline", "--ignore-scripts"];
    done([...npm, "--prefix", place("prefix"), tarball], { cwd: place() });
    writeFileSync(place("words.ts"), cookbook);
  }, patience);

  test(
    "installs both programs, which run with the Node that came along",
    async () => {
      const blutctl = (...words: string[]): string =>
        done([place("prefix/bin/blutctl"), ...words], { env: plain(), cwd: place() });
      expect(blutctl("--version")).toContain(version);
      const flags = ["--containment", "polling", "--state-dir", place("state")];
      const where = ["--runtime-dir", place("run"), "--socket", place("blutd.sock")];
      const daemon = spawn(place("prefix/bin/blutd"), [...flags, ...where], {
        env: plain(),
        stdio: "ignore",
      });
      const ended = once(daemon, "exit");
      try {
        await expect
          .poll(() => spawnSync(place("prefix/bin/blutctl"), ["status"], { env: plain() }).status, {
            timeout: patience,
          })
          .toBe(0);
        const run = blutctl("recipe", "run", "./words.ts", "word=bonjour").trim();
        blutctl("wait", run);
        expect(blutctl("show", run)).toContain("succeeded");
      } finally {
        daemon.kill();
        await ended;
      }
    },
    patience,
  );

  test(
    "has the types of cookbooks: a wrong one is found by the compiler",
    () => {
      symlinkSync(place("prefix/lib/node_modules"), place("node_modules"));
      symlinkSync(path.join(root, "node_modules/@types"), place("types"));
      const options = ["--ignoreConfig", "--noEmit", "--strict", "--module", "nodenext"];
      const node = ["--types", "node", "--typeRoots", place("types")];
      const compile = (file: string): string[] => ["tsc", ...options, ...node, place(file)];
      done(compile("words.ts"));
      writeFileSync(
        place("wrong.ts"),
        cookbook.replace('default: "hello" }) },', "default: 1 }) },"),
      );
      const [program = "", ...args] = compile("wrong.ts");
      const ran = spawnSync(program, args, { cwd: root, encoding: "utf8" });
      expect(ran.stdout).toContain("Type 'number' is not assignable to type 'string'");
    },
    patience,
  );
});
