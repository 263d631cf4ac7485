import { afterEach, describe, expect, test } from "vitest";
import { topics } from "../../client/topics.ts";
import { ClientRig } from "../support/client-rig.ts";

let rig: ClientRig;
const fresh = (): ClientRig => (rig = new ClientRig());
afterEach(() => rig.close());

describe("what was typed wrong", () => {
  test.each([
    [["rnus"], "unknown command 'rnus'", "did you mean runs?"],
    [["runs", "--jsn"], "unknown option '--jsn'", "did you mean --json?"],
    [["submit", "--mme", "1G", "--", "true"], "unknown option '--mme'", "did you mean --mem?"],
    [["calibration", "lst"], "unknown command 'lst'", "did you mean list?"],
    [["submit", "--gpu", "1", "--", "true"], "unknown option '--gpu'", "did you mean --gpus?"],
    [["recipe", "run", "--foo"], "unknown option '--foo'", "see `blutctl help recipe run`"],
    [["recipe", "run", "x", "--timeout", "1h"], "unknown option '--timeout'", "recipe run`"],
    [["--color", "odd", "runs"], "--color: expected auto, always or never", "see `blutctl help`"],
    [["submit"], "missing required argument 'command'", "`blutctl help submit`"],
    [["submit", "--mem", "10 GB", "true"], "expected a size such as 512M", "`blutctl help submit`"],
    [["submit", "--timeout", "5", "true"], "expected a duration", "`blutctl help submit`"],
    [["submit", "--mem", "4X", "true"], "error: --mem: expected a size", "`blutctl help submit`"],
    [["submit", "--mem", "4000", "true"], "a bare number is bytes: 4000M?", "help submit`"],
    [
      ["submit", "--retries", "-1", "true"],
      "--retries: expected a whole number, 0 or more, got",
      "help submit`",
    ],
    [
      ["schedule", "next", "x", "--count", "-3"],
      '--count: expected a whole number, 0 or more, got "-3"',
      "help",
    ],
    [["calibration", "set", "k", "4"], "error: size: expected at least 1 MiB", "calibration set`"],
    [
      ["calibration", "import", "/no"],
      "/no cannot be read: ENOENT: no such file or directory\n",
      "",
    ],
    [["log", "last", "-n", "x"], "--lines: expected a whole number", "`blutctl help log`"],
    [["runs", "--state", "odd"], "expected one of queued, running", "`blutctl help runs`"],
    [["help", "nothing"], "no help on 'nothing'", "`blutctl help` lists"],
  ])("%j exits 2 with a sentence and a remedy", async (args, message, remedy) => {
    const { code, stdout, stderr } = await fresh().run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^error: .*\nremedy: .*\n$/);
    expect(stderr).toContain(message);
    expect(stderr).toContain(remedy);
  });

  test("with --json the error is the one value on stdout", async () => {
    const { code, stdout } = await fresh().run(["runs", "--json", "--stat", "x"]);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { reason: "usage", remedy: "did you mean --state?" },
    });
  });
});

describe("a daemon that is not there", () => {
  test.each([[[]], [["runs"]], [["submit", "true"]], [["log", "last", "-f"]], [["events", "-f"]]])(
    "%j exits 125 with one clear line and how to start it",
    async (args: string[]) => {
      const { code, stdout, stderr } = await fresh().run(args);
      expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
      expect(stderr).toBe(
        `error: no daemon answers at ${rig.socket}\n` +
          "remedy: set it up with `blutctl init`, or start it by hand: `blutd`\n",
      );
    },
  );

  test("a socket path that is too long is refused, not shortened", async () => {
    const { code, stderr } = await fresh().run(["runs", "--socket", `/${"x".repeat(107)}`]);
    expect(code).toBe(2);
    expect(stderr).toContain("108 bytes");
  });
});

describe("--quiet", () => {
  test("leaves out confirmations, never what was asked for", async () => {
    await fresh().daemon({
      "run.list": () => ({ runs: [], more: false }),
      "daemon.resume": () => ({ running: 0 }),
    });
    expect((await rig.run(["resume", "--quiet"])).stdout).toBe("");
    expect((await rig.run(["runs", "--quiet"])).stdout).toMatch(/^No runs/);
  });
});

describe("help", () => {
  test("lists every verb, and says what a bare command does", async () => {
    const { code, stdout } = await fresh().run(["--help"]);
    expect(code).toBe(0);
    for (const verb of ["submit", "explain", "calibration", "doctor", "completion"]) {
      expect(stdout).toContain(`  ${verb} `);
    }
    expect(stdout).toContain("Without a verb");
  });

  test("on a verb lists its options", async () => {
    const { stdout } = await fresh().run(["help", "submit"]);
    expect(stdout).toContain("--mem-max <size>");
  });

  test("is the same whether asked by `help` or by --help, examples too", async () => {
    const { stdout } = await fresh().run(["help", "submit"]);
    expect(stdout).toContain(
      "\nExamples:\n  blutctl submit --name encode -- ./encode.sh big.wav\n",
    );
    expect((await fresh().run(["submit", "--help"])).stdout).toBe(stdout);
  });

  test("on a part of a verb lists that part's arguments", async () => {
    const { code, stdout } = await fresh().run(["help", "calibration", "import"]);
    expect(code).toBe(0);
    expect(stdout).toContain("blutctl calibration import [options] <file>");
  });

  test("prints the one table of exit codes", async () => {
    const { stdout } = await fresh().run(["help", "exit-codes"]);
    expect(stdout).toContain("\n126    refused: it can never fit\n");
    expect(stdout).toContain("\n130    Ctrl-C stopped looking; the run goes on\n");
  });

  test.each(Object.keys(topics))("on the topic %s fits 80 columns", async (topic) => {
    const { stdout } = await fresh().run(["help", topic]);
    expect(stdout).not.toBe("");
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });
});
