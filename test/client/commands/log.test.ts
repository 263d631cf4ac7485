import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { failure } from "../../../daemon/domain/failure.ts";
import { ClientRig } from "../../support/client-rig.ts";
import { logAnswer, type WrittenLog } from "../../support/scripted-log.ts";
import { aDetail } from "../../support/wire-facts.ts";

let rig: ClientRig;
beforeEach(() => (rig = new ClientRig()));
afterEach(() => rig.close());

const both: WrittenLog = { stdout: "out 1\nout 2\n", stderr: "err 1\n", isOver: true };

describe("log", () => {
  test("gives stdout to stdout and stderr to stderr, byte for byte", async () => {
    const stdout = "\u001b[2J\r\n\ttext without an end";
    await rig.daemon({ "run.log": (params) => logAnswer(params, [{ ...both, stdout }], true) });
    expect(await rig.run(["log", "last"])).toEqual({ code: 0, stdout, stderr: "err 1\n" });
  });

  test("one picked stream goes to stdout", async () => {
    await rig.daemon({ "run.log": (params) => logAnswer(params, [both], true) });
    const picked = await rig.run(["log", "last", "--stderr"]);
    expect(picked).toEqual({ code: 0, stdout: "err 1\n", stderr: "" });
  });

  test("reads a log of many pages, whole and its last lines", async () => {
    const lines = Array.from({ length: 60_000 }, (_, index) => `line ${index} ${"x".repeat(20)}\n`);
    const stdout = lines.join("");
    await rig.daemon({
      "run.log": (params) => logAnswer(params, [{ stdout, isOver: true }], true),
    });
    expect((await rig.run(["log", "last"])).stdout === stdout).toBe(true);
    const last = await rig.run(["log", "last", "--lines", "40000"]);
    expect(last.stdout === lines.slice(-40_000).join("")).toBe(true);
    expect((await rig.run(["log", "last", "--lines", "0"])).stdout).toBe("");
  });

  test("RUN/STEP and --attempt name whose log", async () => {
    const daemon = await rig.daemon({
      "run.log": (params) => logAnswer(params, [both, both], true),
    });
    await rig.run(["log", "last/train", "--attempt", "1", "--stdout"]);
    expect(daemon.paramsOf("run.log")).toEqual([
      { run: "last", step: "train", attempt: 1, stream: "stdout", offset: 0 },
    ]);
  });

  test("of a run of many steps says whose log it is, and stays with it", async () => {
    const daemon = await rig.daemon({
      "run.log": (params) => ({ ...logAnswer(params, [both, both], true), step: "b" }),
    });
    const shown = "step b, attempt 2; others: blutctl log nightly/STEP\n";
    const { stdout, stderr } = await rig.run(["log", "nightly"]);
    expect({ stdout, stderr }).toEqual({ stdout: both.stdout, stderr: `${shown}err 1\n` });
    const last = daemon.paramsOf("run.log").at(-1);
    expect(last).toMatchObject({ run: "nightly", step: "b", attempt: 2, stream: "stderr" });
  });

  test("-f goes from a step to the next, though both are at their first attempt", async () => {
    const log = { a: "of a\n", b: "of b\n" };
    let isOnB = false;
    await rig.daemon({
      "run.get": () => aDetail(),
      "run.log": (params) => {
        isOnB ||= params.step === undefined && params.offset === log.a.length;
        const step = params.step === "a" || (params.step === undefined && !isOnB) ? "a" : "b";
        const written = { stdout: log[step], isOver: true };
        return { ...logAnswer(params, [written], isOnB), step };
      },
    });
    expect(await rig.run(["log", "nightly", "-f", "--stdout"])).toEqual({
      code: 0,
      stdout: "of a\nof b\n",
      stderr: "step a, attempt 1; others: blutctl log nightly/STEP\nstep b, attempt 1 begins\n",
    });
  });

  test("-f shows each of two steps that ran at once a single time", async () => {
    const log = { newer: "of the newer\n", older: "of older\n" };
    let isOlderOver = false;
    await rig.daemon({
      "run.get": () => aDetail(),
      "run.log": (params) => {
        // The newest that runs is answered, and once none does the newest of all.
        isOlderOver ||= params.step === "older";
        const step = params.step ?? (isOlderOver || params.offset === 0 ? "newer" : "older");
        const written = { stdout: log[step as keyof typeof log], isOver: true };
        return { ...logAnswer(params, [written], isOlderOver), step };
      },
    });
    expect(await rig.run(["log", "nightly", "-f", "--stdout"])).toEqual({
      code: 0,
      stdout: "of the newer\nof older\n",
      stderr:
        "step newer, attempt 1; others: blutctl log nightly/STEP\nstep older, attempt 1 begins\n",
    });
  });

  test("-f of an attempt that was named does not say that it begins", async () => {
    await rig.daemon({
      "run.get": () => aDetail(),
      "run.log": (params) => ({ ...logAnswer(params, [both], true), step: "b" }),
    });
    const words = ["log", "nightly/b", "-f", "--attempt", "1", "--stdout"];
    expect(await rig.run(words)).toEqual({ code: 0, stdout: both.stdout, stderr: "" });
  });

  test("a run that has not started has no output, and says so", async () => {
    await rig.daemon({
      "run.log": (params) => logAnswer(params, [], false),
      "run.get": () => ({ ...aDetail(), state: "queued", endedAt: undefined }),
    });
    expect(await rig.run(["log", "last"])).toEqual({
      code: 0,
      stdout: "",
      stderr: "no output yet: it has not started\n",
    });
  });

  test("a step that was reused has no output of its own, and says where it is", async () => {
    const [step] = aDetail().steps;
    if (step === undefined) throw new Error("a detail has a step");
    const reused = { ...step, cachedFrom: "run_01j9x2c3d4e0" };
    const daemon = await rig.daemon({
      "run.log": (params) => logAnswer(params, [], true),
      "run.get": () => aDetail({ steps: [reused] }),
    });
    expect(await rig.run(["log", "last/main"])).toEqual({
      code: 0,
      stdout: "",
      stderr: "it was reused: blutctl log run_01j9x2c3d4e0/main\n",
    });
    expect(daemon.paramsOf("run.get")).toEqual([{ run: "last", step: "main" }]);
  });

  test("a mapped step has no output of its own: its elements are named, those that failed first", async () => {
    const [step] = aDetail().steps;
    if (step === undefined) throw new Error("a detail has a step");
    const element = (index: number, state: "succeeded" | "failed") => ({
      ...{ ...step, state, name: `each.${index}`, parent: "each", element: `f${index}` },
    });
    const elements = [0, 1, 2].map((index) => element(index, "succeeded"));
    await rig.daemon({
      "run.log": (params) => logAnswer(params, [], true),
      "run.get": () =>
        aDetail({ steps: [{ ...step, name: "each" }, ...elements, element(3, "failed")] }),
    });
    const { stderr } = await rig.run(["log", "last/each"]);
    expect(stderr).toBe(
      "each wrote nothing itself, its elements did: blutctl log last/each.3 (also each.0, each.1, ...)\n",
    );
  });

  test("tells how much is gone of a log that went over its cap", async () => {
    await rig.daemon({
      "run.log": (params) => ({ ...logAnswer(params, [both], true), dropped: 3 * 1024 ** 2 }),
    });
    const { stderr } = await rig.run(["log", "last", "--stdout"]);
    expect(stderr).toBe("3 MiB of stdout are gone: the log went over its cap\n");
  });

  test("--json is one value shaped as run.log's answer", async () => {
    await rig.daemon({ "run.log": (params) => logAnswer(params, [both], true) });
    const { stdout } = await rig.run(["log", "last", "--json"]);
    expect(JSON.parse(stdout)).toEqual({
      attempt: 1,
      base64: Buffer.from(both.stdout).toString("base64"),
      offset: 0,
      next: 12,
      dropped: 0,
      ended: true,
    });
  });

  test("-f goes from an attempt into the next, and ends with the run", async () => {
    const log = [{ stdout: "first\n", isOver: true }];
    await rig.daemon({
      "run.get": () => aDetail(),
      "run.log": (params) => {
        // The next attempt begins once the client has seen that the first is over.
        if (params.attempt === undefined && params.offset === 6) {
          log.push({ stdout: "second\n", isOver: true });
        }
        return logAnswer(params, log, log.length === 2);
      },
    });
    expect(await rig.run(["log", "last", "-f", "--stdout"])).toEqual({
      code: 0,
      stdout: "first\nsecond\n",
      stderr: "attempt 2 begins\n",
    });
  });

  test("an unknown run is said once, not once for each stream", async () => {
    await rig.daemon({ "run.log": () => failure("not-found", "no run", "list them") });
    const { code, stderr } = await rig.run(["log", "nope"]);
    expect({ code, stderr }).toEqual({ code: 119, stderr: "error: no run\nremedy: list them\n" });
  });

  test("Ctrl-C in -f stops looking, quietly, with 130", async () => {
    await rig.daemon({
      "run.get": () => aDetail(),
      "run.log": (params) =>
        params.offset === 0
          ? logAnswer(params, [{ stdout: "begun\n", stderr: "begun\n", isOver: false }], false)
          : new Promise(() => undefined),
    });
    const running = rig.start(["log", "last", "-f"]);
    await running.saying("begun");
    running.process.kill("SIGINT");
    expect(await running.ended).toEqual({
      code: 130,
      stdout: "begun\n",
      stderr: "begun\nstopped looking; the run goes on\n",
    });
  });
});
