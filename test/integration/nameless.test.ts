import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");

/** Runs a program as a user that no passwd file names, as many containers do; answers what it printed. */
function asNobodyKnown(program: string, ...words: string[]): string {
  const home = mkdtempSync(path.join(tmpdir(), "blut-nameless-"));
  onTestFinished(() => {
    rmSync(home, { recursive: true });
  });
  const user = ["--user", "--map-user=54321", "--"];
  const command = [...user, process.execPath, path.join(root, program), ...words];
  const env = { PATH: process.env["PATH"], HOME: home, XDG_RUNTIME_DIR: path.join(home, "run") };
  return spawnSync("unshare", command, { env, encoding: "utf8" }).stdout;
}

test("the box is examined where the user has no name", () => {
  const { findings } = JSON.parse(asNobodyKnown("daemon/main/blutd.js", "--check", "--json")) as {
    findings: { check: string; remedy?: string }[];
  };
  const linger = findings.find(({ check }) => check === "linger");
  expect(linger?.remedy).toContain("54321");
});

test("and init says what it would do", () => {
  expect(asNobodyKnown("client/blutctl.ts", "init", "--dry-run")).toContain("enable-linger 54321");
});
