import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";

const room = path.resolve(import.meta.dirname, "../../../daemon/executor/attempt-directory.ts");

/** Prepares a directory in a process that has no file descriptor left, and prints how that went. */
const script = `
import { openSync } from "node:fs";
import { prepareDirectory } from ${JSON.stringify(room)};
const directory = process.argv[1];
try { for (;;) openSync("/dev/null", "r"); } catch {}
const step = { cwd: "/", claims: {}, timeouts: {} };
const row = { directory, limitBytes: 1 };
console.log(JSON.stringify(await prepareDirectory(row, step, { argv: ["true"], inputs: {} })));
`;

test("fault 29: an attempt that finds no file descriptor is tried again, and its run not lost", () => {
  const home = mkdtempSync(path.join(tmpdir(), "attempt-"));
  onTestFinished(() => {
    rmSync(home, { recursive: true, force: true });
  });
  const node = [process.execPath, "--input-type=module", "-e", script, path.join(home, "1")];
  const { stdout, stderr } = spawnSync("prlimit", ["--nofile=64", ...node], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { retryable: true } });
});
