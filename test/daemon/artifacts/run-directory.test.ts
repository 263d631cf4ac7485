import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { removeTree } from "../../../daemon/artifacts/work/remove-tree.ts";
import { removeRuns, stripRuns, weighRuns } from "../../../daemon/artifacts/work/run-directory.ts";
import { lay, scratch } from "./support/shop.ts";

const kib = 1024;

/** A run of two attempts that left everything a run can leave. */
function aRunDirectory(parent: string): string {
  return lay(join(parent, "run_1"), {
    "status.jsonl": "{}\n",
    "lineage.jsonl": "{}\n",
    "main/1/context.json": "{}",
    "main/1/metrics.csv": "name,value\n",
    "main/1/stdout.log": "x".repeat(64 * kib),
    "main/1/events.jsonl": "y".repeat(16 * kib),
    "main/2/result.json": "{}",
    "main/2/stdout.log": "short",
    "main/2/out/model.bin": "z".repeat(32 * kib),
    "main/checkpoints/epoch-1.pt": "c".repeat(128 * kib),
    "stray.core": "s".repeat(4 * kib),
  });
}

describe("the directory of a run", () => {
  test("is weighed by its logs and its history, by what the disk has of it", () => {
    const directory = aRunDirectory(scratch());
    const [weight] = weighRuns([directory]);
    expect(weight?.logBytes).toBeGreaterThanOrEqual(244 * kib);
    expect(weight?.logBytes).toBeLessThan(512 * kib);
    expect(weight?.historyBytes).toBeGreaterThan(0);
    expect(weight?.historyBytes).toBeLessThan(64 * kib);
    // A hole is no byte of the disk: that is how a log is held to its cap.
    truncateSync(join(directory, "main/2/stdout.log"), 1024 ** 3);
    expect(weighRuns([directory])[0]?.logBytes).toBeLessThan(512 * kib);
    expect(weighRuns([join(directory, "nowhere")])).toStrictEqual([
      { logBytes: 0, historyBytes: 0 },
    ]);
  });

  test("without its logs still tells its history", () => {
    const directory = aRunDirectory(scratch());
    const [before] = weighRuns([directory]);
    expect(stripRuns([directory])).toStrictEqual([]);
    expect(weighRuns([directory])).toStrictEqual([
      { logBytes: 0, historyBytes: before?.historyBytes },
    ]);
    expect(readdirSync(directory).sort()).toStrictEqual(["lineage.jsonl", "main", "status.jsonl"]);
    expect(readdirSync(join(directory, "main/1")).sort()).toStrictEqual([
      "context.json",
      "metrics.csv",
    ]);
    expect(readdirSync(join(directory, "main")).sort()).toStrictEqual(["1", "2"]);
    expect(stripRuns([directory])).toStrictEqual([]);
  });

  test("security 7: with names that are no text goes as any other", () => {
    const directory = aRunDirectory(scratch());
    const strange = Buffer.concat([Buffer.from(`${directory}/main/1/`), Buffer.from([0xff, 0xfe])]);
    writeFileSync(strange, "q".repeat(256 * kib));
    expect(weighRuns([directory])[0]?.logBytes).toBeGreaterThan(500 * kib);
    expect(stripRuns([directory])).toStrictEqual([]);
    expect(existsSync(strange)).toBe(false);
  });

  test("security 2: links out of it are removed, and what they lead to is not touched", () => {
    const place = scratch();
    const outside = lay(join(place, "outside"), { "keep/me.txt": "precious" });
    chmodSync(join(outside, "keep"), 0o500);
    const directory = aRunDirectory(place);
    symlinkSync(outside, join(directory, "main/1/away"));
    symlinkSync(outside, join(directory, "other-step"));
    symlinkSync(join(outside, "keep/me.txt"), join(directory, "main/2/context.json"));
    const linked = join(place, "run_2");
    symlinkSync(outside, linked);
    expect(weighRuns([linked])).toStrictEqual([{ logBytes: 0, historyBytes: 0 }]);
    expect(stripRuns([directory, linked])).toStrictEqual([]);
    expect(existsSync(join(directory, "other-step"))).toBe(false);
    expect(removeRuns([directory, linked])).toStrictEqual([]);
    expect(existsSync(directory)).toBe(false);
    expect(lstatSync(linked, { throwIfNoEntry: false })).toBeUndefined();
    expect(readFileSync(join(outside, "keep/me.txt"), "utf8")).toBe("precious");
    expect(lstatSync(join(outside, "keep")).mode & 0o777).toBe(0o500);
  });

  test("deeper than a path can say, and read-only at that, goes whole", () => {
    const directory = aRunDirectory(scratch());
    const deep = `import os
os.chdir(${JSON.stringify(join(directory, "main/1"))})
for i in range(300):
    os.mkdir("d" * 100); os.chdir("d" * 100)
    open("file", "w").close()
os.chmod(".", 0o500)`;
    execFileSync("python3", ["-c", deep]);
    expect(stripRuns([directory])).toStrictEqual([]);
    expect(readdirSync(join(directory, "main/1")).sort()).toStrictEqual([
      "context.json",
      "metrics.csv",
    ]);
    execFileSync("python3", ["-c", deep]);
    expect(removeRuns([directory])).toStrictEqual([]);
    expect(existsSync(directory)).toBe(false);
  });

  test("that cannot be removed is told of once, and keeps nothing else", () => {
    const place = scratch();
    const [first, second] = [aRunDirectory(place), lay(join(place, "run_2"), { a: "1" })];
    // What is mounted there cannot be removed by anybody, not even root.
    const stuck = join(first, "main/1/mounted");
    mkdirSync(stuck);
    const unshare = process.getuid?.() === 0 ? ["-m"] : ["-rm"];
    const script = `
      import { removeRuns } from ${JSON.stringify(join(import.meta.dirname, "../../../daemon/artifacts/work/run-directory.ts"))};
      process.stdout.write(JSON.stringify(removeRuns(process.argv.slice(1))));`;
    const mount = 'mount -t tmpfs tmpfs "$0" && exec "$@"';
    const told = execFileSync("unshare", [
      ...unshare,
      ...["sh", "-c", mount, stuck, process.execPath],
      ...["--input-type=module-typescript", "--eval", script, first, second],
    ]);
    expect(JSON.parse(told.toString())).toStrictEqual([
      { directory: first, path: stuck, why: "EBUSY" },
    ]);
    expect(existsSync(second)).toBe(false);
    expect(readdirSync(first)).toStrictEqual(["main"]);
    onTestFinished(() => {
      removeTree(first);
    });
  });
});
