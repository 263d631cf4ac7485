import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const python = path.resolve(import.meta.dirname, "../../python");

/** Runs Python on the package as it lies here; what it compiles goes elsewhere, so that the tree stays clean. */
async function run(...words: string[]): Promise<string> {
  const cache = mkdtempSync(path.join(tmpdir(), "blut-python-"));
  onTestFinished(() => {
    rmSync(cache, { recursive: true, force: true });
  });
  const { stderr } = await promisify(execFile)("python3", words, {
    cwd: python,
    env: {
      PATH: process.env["PATH"],
      PYTHONPATH: path.join(python, "src"),
      PYTHONPYCACHEPREFIX: cache,
    },
  });
  return stderr;
}

test("its own tests pass, and nothing in it leaks", async () => {
  const said = await run("-W", "error::ResourceWarning", "-m", "unittest", "discover", "-t", ".");
  expect(/Ran (\d+) tests/.exec(said)?.[1]).toSatisfy((count) => Number(count) > 50);
  expect(said).toMatch(/\nOK\n$/);
}, 60_000);

test("every file of it and of the examples compiles", async () => {
  expect(await run("-W", "error", "-m", "compileall", "-q", "src", "tests", "examples")).toBe("");
});
