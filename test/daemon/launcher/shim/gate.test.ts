import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gateText } from "../../../../daemon/launcher/shim/gate.ts";

const shells: { readonly shell: readonly string[] }[] = [
  { shell: ["dash"] },
  // Without --norc a bash whose input is a socket takes itself for a remote login.
  { shell: ["bash", "--norc", "--posix"] },
];

/** Evaluates a gate text as the shim does; the command prints its environment. */
function pass(shell: readonly string[], text: string) {
  const script = 'blut__run() { exec /usr/bin/env -0; }; ( eval "$(/bin/cat)" )';
  const [program = "", ...options] = shell;
  const ran = spawnSync(program, [...options, "-c", script], { env: {}, input: text });
  const entries = ran.stdout.toString().split("\0").slice(0, -1);
  const environment = Object.fromEntries(
    entries.map((entry) => [
      entry.slice(0, entry.indexOf("=")),
      entry.slice(entry.indexOf("=") + 1),
    ]),
  );
  return { environment, output: ran.stdout.toString() };
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
      const passed = pass(shell, gateText(environment).text).environment;
      // bash names the program it executes, whoever asks.
      delete passed["_"];
      expect(passed).toEqual(environment);
    });
    fc.assert(property, { numRuns: 40 });
  });

  test("cut short anywhere it does nothing at all", () => {
    const { text } = gateText({ A: "it's\n}\n", PATH: "/usr/bin", B: "2" });
    for (let length = 0; length < text.length - 1; length++) {
      expect(pass(shell, text.slice(0, length)).output).toBe("");
    }
    expect(pass(shell, text).environment).toMatchObject({ A: "it's\n}\n", B: "2" });
  });

  test("names that the shell guards for itself do not stop it", () => {
    const guarded = { UID: "x", EUID: "x", PPID: "x", SHELLOPTS: "x", OPTIND: "x", LINENO: "x" };
    const passed = pass(shell, gateText({ ...guarded, LAST: "here" }).text);
    expect(passed.environment["LAST"]).toBe("here");
  });
});

test("names that no shell can export are left out and told", () => {
  const { text, leftOut } = gateText({
    "BASH_FUNC_ls%%": "() { :; }",
    "a.b": "1",
    "1x": "1",
    "x;id": "1",
    blut__directory: "/",
    ok: "1",
  });
  expect(leftOut).toEqual(["BASH_FUNC_ls%%", "a.b", "1x", "x;id", "blut__directory"]);
  expect(text).not.toMatch(/a\.b|x;id|BASH_FUNC|blut__directory/);
});
