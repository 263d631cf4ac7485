import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AttemptId } from "../../../../daemon/domain/ids.ts";
import { gateText } from "../../../../daemon/launcher/shim/gate.ts";

const shells: { readonly shell: readonly string[] }[] = [
  { shell: ["dash"] },
  // Without --norc a bash whose input is a socket takes itself for a remote login.
  { shell: ["bash", "--norc", "--posix"] },
];

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "gate-"));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** The text for a command with these arguments and this environment; its output goes to a file. */
function gateOf(environment: Readonly<Record<string, string>>, ...argv: string[]) {
  return gateText({
    attemptId: "att_x" as AttemptId,
    directory,
    cwd: "/",
    argv: ["env", ...argv],
    environment,
    logs: { stdout: path.join(directory, "out"), stderr: "/dev/null" },
  });
}

/** Reads a gate text as the shim does; the command prints its environment, or does what `then` says. */
function pass(shell: readonly string[], text: string, then = "exec /usr/bin/env -0") {
  const file = path.join(directory, "orders");
  writeFileSync(file, text);
  const script = `. "${file}"; [ -n "$blut__attempt" ] || exit; ( blut__environment; ${then} )`;
  const [program = "", ...options] = shell;
  const out = path.join(directory, "out");
  writeFileSync(out, "");
  spawnSync(program, [...options, "-c", script], { env: {} });
  const output = readFileSync(out, "utf8");
  const entries = output.split("\0").slice(0, -1);
  const environment = Object.fromEntries(
    entries.map((entry) => [
      entry.slice(0, entry.indexOf("=")),
      entry.slice(entry.indexOf("=") + 1),
    ]),
  );
  return { environment, output };
}

describe.each(shells)("the gate's text in $shell", ({ shell }) => {
  test("passes any environment on as it is", () => {
    const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/);
    const value = fc.string({ unit: "binary", maxLength: 60 });
    const property = fc.property(fc.dictionary(name, value, { noNullPrototype: true }), (given) => {
      const environment = Object.fromEntries(
        Object.entries(given)
          .filter(([key]) => !/^(_|blut__.*)$/.test(key))
          .map(([key, text]) => [key, Buffer.from(text.replaceAll("\0", "")).toString()]),
      );
      const passed = pass(shell, gateOf(environment).text).environment;
      // bash names the program it executes, whoever asks.
      delete passed["_"];
      expect(passed).toEqual(environment);
    });
    fc.assert(property, { numRuns: 40 });
  });

  test("passes any arguments on as they are", () => {
    const argument = fc.string({ unit: "binary", maxLength: 60 });
    const property = fc.property(fc.array(argument, { maxLength: 5 }), (given) => {
      const argv = given.map((text) => Buffer.from(text.replaceAll("\0", "")).toString());
      const printed = pass(shell, gateOf({}, ...argv).text, String.raw`printf '%s\0' "$@"`).output;
      expect(printed.split("\0").slice(0, -1)).toEqual(["env", ...argv]);
    });
    fc.assert(property, { numRuns: 40 });
  });

  test("cut short anywhere it does nothing at all", () => {
    const { text } = gateOf({ A: "it's\n}\n", PATH: "/usr/bin", B: "2" }, "it's\n}\n");
    for (let length = 0; length < text.length - 1; length++) {
      expect(pass(shell, text.slice(0, length)).output).toBe("");
    }
    expect(pass(shell, text).environment).toMatchObject({ A: "it's\n}\n", B: "2" });
  });

  test("names that the shell guards for itself do not stop it", () => {
    const guarded = { UID: "x", EUID: "x", PPID: "x", SHELLOPTS: "x", OPTIND: "x", LINENO: "x" };
    const passed = pass(shell, gateOf({ ...guarded, LAST: "here" }).text);
    expect(passed.environment["LAST"]).toBe("here");
  });
});

test("names that no shell can export are left out and told", () => {
  const { text, leftOut } = gateOf({
    "BASH_FUNC_ls%%": "() { :; }",
    "a.b": "1",
    "1x": "1",
    "x;id": "1",
    blut__directory: "/",
    ok: "1",
  });
  expect(leftOut).toEqual(["BASH_FUNC_ls%%", "a.b", "1x", "x;id", "blut__directory"]);
  expect(text).not.toMatch(/a\.b|x;id|BASH_FUNC|export .blut__directory/);
});
