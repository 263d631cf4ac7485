import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { failure } from "../../../daemon/domain/failure.ts";
import { ClientRig } from "../../support/client-rig.ts";

let rig: ClientRig;
beforeEach(() => (rig = new ClientRig()));
afterEach(() => rig.close());

const accepted = { id: "run_01j9x2c3d4e5", deduplicated: false };

describe("submit", () => {
  test("prints the id and nothing else", async () => {
    await rig.daemon({ "run.submit": () => accepted });
    expect(await rig.run(["submit", "--", "./encode.sh", "big.wav"])).toEqual({
      code: 0,
      stdout: "run_01j9x2c3d4e5\n",
      stderr: "",
    });
  });

  test("sends every option in the wire's units, the caller's directory and environment along", async () => {
    const daemon = await rig.daemon({ "run.submit": () => accepted });
    const options =
      "--name n --mem 1.5G --mem-max 2G --cpus 1.5 --gpus 2 --vram 4G --pool gpu=2 --pool licence --lock db --priority -3 " +
      "--needs last --after run_1 --env A=1 --env B=x=y --timeout 1h30m --soft-timeout 90s " +
      "--retries 2 --oom-retries 3 --calibrate-as k --dedupe-key d --notify recovery,failure";
    await rig.run(["submit", ...options.split(" "), "--", "cmd", "--mem", "-x"], {
      FROM: "caller",
    });
    const [sent] = daemon.paramsOf("run.submit") as { env: Record<string, string> }[];
    expect(sent).toMatchObject({
      argv: ["cmd", "--mem", "-x"],
      cwd: rig.directory,
      name: "n",
      memory: { firstBytes: 1.5 * 1024 ** 3, ceilingBytes: 2 * 1024 ** 3 },
      cpus: 1.5,
      gpus: 2,
      vramBytes: 4 * 1024 ** 3,
      pools: { gpu: 2, licence: 1 },
      locks: ["db"],
      priority: -3,
      needs: ["last"],
      after: ["run_1"],
      timeoutMs: 5_400_000,
      softTimeoutMs: 90_000,
      retries: 2,
      oomRetries: 3,
      calibrateAs: "k",
      dedupeKey: "d",
      notify: ["failure", "recovery"],
      env: { FROM: "caller", A: "1", B: "x=y" },
    });
  });

  test("--notify none is an empty list, and a word it does not know is refused with those it does", async () => {
    const daemon = await rig.daemon({ "run.submit": () => accepted });
    await rig.run(["submit", "--notify", "none", "true"]);
    expect(daemon.paramsOf("run.submit")).toMatchObject([{ notify: [] }]);
    const refused = await rig.run(["submit", "--notify", "failure,faliure", "true"]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(
      '--notify: expected some of failure,recovery,hold, or none, got "failure,faliure"',
    );
  });

  test("needs no -- before a command, whose own options it leaves alone", async () => {
    const daemon = await rig.daemon({ "run.submit": () => accepted });
    await rig.run(["submit", "--mem", "auto", "sleep", "5", "--json", "-x", "--", "y"]);
    expect(daemon.paramsOf("run.submit")).toMatchObject([
      { argv: ["sleep", "5", "--json", "-x", "--", "y"], memory: {} },
    ]);
  });

  test("another directory is taken from here, and PWD says so", async () => {
    const daemon = await rig.daemon({ "run.submit": () => accepted });
    await rig.run(["submit", "--cwd", "../elsewhere", "true"]);
    const cwd = join(rig.directory, "../elsewhere");
    expect(daemon.paramsOf("run.submit")).toMatchObject([{ cwd, env: { PWD: cwd } }]);
  });

  test("says when an earlier submit answered", async () => {
    await rig.daemon({ "run.submit": () => ({ ...accepted, deduplicated: true }) });
    const { stdout, stderr } = await rig.run(["submit", "--dedupe-key", "k", "true"]);
    expect(stdout).toBe("run_01j9x2c3d4e5\n");
    expect(stderr).toContain("an earlier submit");
  });

  test.each([
    ["never-fits", 126],
    ["could-not-start", 127],
    ["invalid-request", 2],
    ["not-found", 119],
    ["queue-full", 125],
    ["storage-full", 78],
  ] as const)("a refusal for %s exits %d, its words made safe", async (reason, code) => {
    await rig.daemon({ "run.submit": () => failure(reason, "no: \u001b[2J", "do this") });
    expect(await rig.run(["submit", "true"])).toEqual({
      code,
      stdout: "",
      stderr: "error: no: \\x1b[2J\nremedy: do this\n",
    });
  });

  test("a refusal of several lines is a list, in which none can pass for the remedy", async () => {
    const message = "2 problems:\n  a is no setting\nremedy: \u001b[2J";
    await rig.daemon({ "run.submit": () => failure("invalid-request", message, "do this") });
    expect((await rig.run(["submit", "true"])).stderr).toBe(
      "error: 2 problems:\n  a is no setting\n  remedy: \\x1b[2J\nremedy: do this\n",
    );
  });

  test("with --json answers the result, or the error with its facts", async () => {
    const data = { needed: 5, ceiling: 4 };
    await rig.daemon({
      "run.submit": ({ name }) =>
        name === "big" ? failure("never-fits", "too big", "less", { data }) : accepted,
    });
    const good = await rig.run(["submit", "--json", "true"]);
    expect(JSON.parse(good.stdout)).toEqual(accepted);
    const bad = await rig.run(["--json", "submit", "--name", "big", "true"]);
    expect(JSON.parse(bad.stdout)).toEqual({
      error: { reason: "never-fits", message: "too big", remedy: "less", retryable: false, data },
    });
  });
});
