import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ClientRig } from "../../support/client-rig.ts";
import { logAnswer } from "../../support/scripted-log.ts";
import type { Script } from "../../support/scripted-daemon.ts";

let rig: ClientRig;
beforeEach(() => (rig = new ClientRig()));
afterEach(() => rig.close());

const id = "run_01j9x2c3d4e5";
const log = { stdout: "out\n", stderr: "err\n" };
const submitted = (): { id: string; deduplicated: boolean } => ({ id, deduplicated: false });
const failed = { id, state: "failed", exitCode: 7, sentence: "failed: exit 7" } as const;
const cancelled = { id, state: "cancelled", exitCode: 122, sentence: "cancelled" } as const;

describe("run", () => {
  const script: Script = {
    "run.submit": submitted,
    "run.log": (params) => logAnswer(params, [{ ...log, isOver: true }], true),
    "run.wait": () => ({ done: true, runs: [failed] }),
  };

  test("gives the command's output and exits as it did", async () => {
    await rig.daemon(script);
    const { code, stdout, stderr } = await rig.run(["run", "--", "false"]);
    expect({ code, stdout }).toEqual({ code: 7, stdout: "out\n" });
    expect(stderr).toContain("err\n");
    expect(stderr).toContain(`${id} failed: exit 7\n`);
  });

  test("--quiet leaves nothing but the command's own output", async () => {
    await rig.daemon(script);
    expect(await rig.run(["run", "--quiet", "false"])).toEqual({
      code: 7,
      stdout: "out\n",
      stderr: "err\n",
    });
  });

  test("--json keeps stdout for the one value", async () => {
    await rig.daemon(script);
    const { stdout, stderr } = await rig.run(["run", "--json", "false"]);
    expect(JSON.parse(stdout)).toEqual(failed);
    expect(stderr).toContain("out\n");
  });

  test("the first Ctrl-C cancels, the second kills at once, and the exit code is the run's", async () => {
    const { promise: killed, resolve: kill } = Promise.withResolvers<undefined>();
    const daemon = await rig.daemon({
      "run.submit": submitted,
      "run.log": async (params) => {
        const isOver = params.offset !== 0;
        if (isOver) await killed;
        return logAnswer(params, [{ ...log, isOver }], isOver);
      },
      "run.cancel": ({ now }) => {
        if (now) kill(undefined);
        return { cancelled: [], stopping: [id] };
      },
      "run.wait": () => ({ done: true, runs: [cancelled] }),
    });
    const running = rig.start(["run", "sleep", "9"]);
    await running.saying("err");
    running.process.kill("SIGINT");
    await running.saying("cancelling");
    running.process.kill("SIGINT");
    const { code, stderr } = await running.ended;
    expect(code).toBe(122);
    expect(stderr).toContain(`killing ${id}`);
    expect(daemon.paramsOf("run.cancel")).toMatchObject([
      { runs: [id], now: false },
      { now: true },
    ]);
  });

  test("goes on where it was when the daemon restarts", async () => {
    const first = await rig.daemon({
      "run.submit": submitted,
      "run.log": (params, stage) => {
        if (params.offset === 0) return logAnswer(params, [{ ...log, isOver: false }], false);
        stage.hangUp();
        return new Promise(() => undefined);
      },
    });
    const running = rig.start(["run", "true"]);
    await running.saying("the daemon went away");
    await first.stop();
    const second = await rig.daemon({
      "run.log": (params) => logAnswer(params, [{ stdout: "out\nmore\n", isOver: true }], true),
      "run.wait": () => ({ done: true, runs: [{ ...failed, exitCode: 0, state: "succeeded" }] }),
    });
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: "out\nmore\n" });
    expect(stderr.match(/the daemon is back/g)).toHaveLength(1);
    expect(second.paramsOf("run.submit")).toEqual([]);
  });
});

describe("wait", () => {
  const ended = (exitCode: number, at = id) =>
    ({
      id: at,
      state: exitCode === 0 ? "succeeded" : "failed",
      exitCode,
      sentence: "over",
    }) as const;

  test("exits as the first run that did not succeed", async () => {
    const runs = [ended(0), ended(3, "run_01j9x2c3d4e6"), ended(4, "run_01j9x2c3d4e7")];
    await rig.daemon({ "run.wait": () => ({ done: true, runs }) });
    const { code, stdout } = await rig.run(["wait", "a", "b", "c"]);
    expect(code).toBe(3);
    expect(stdout.split("\n")[1]).toBe("run_01j9x2c3d4e6 over");
  });

  test("settles what `last` means once", async () => {
    const open = { id, state: "running", sentence: "runs" } as const;
    const daemon = await rig.daemon({
      "run.wait": ({ runs }) =>
        runs[0] === "last" ? { done: false, runs: [open] } : { done: true, runs: [ended(0)] },
    });
    expect((await rig.run(["wait", "last"])).code).toBe(0);
    expect(daemon.paramsOf("run.wait")).toMatchObject([{ runs: ["last"] }, { runs: [id] }]);
  });

  test("--timeout that runs out exits 124 and tells how it stands", async () => {
    const open = { id, state: "running", sentence: "runs for 3 s" } as const;
    await rig.daemon({ "run.wait": () => ({ done: false, runs: [open] }) });
    expect(await rig.run(["wait", "last", "--timeout", "1ms"])).toEqual({
      code: 124,
      stdout: `${id} runs for 3 s\n`,
      stderr: "",
    });
  });

  test("Ctrl-C stops looking with 130 and leaves the run alone", async () => {
    const { promise: asked, resolve } = Promise.withResolvers<undefined>();
    const open = { id, state: "running", sentence: "runs" } as const;
    const daemon = await rig.daemon({
      "run.wait": ({ waitMs }) => {
        if (waitMs === 0) return { done: false, runs: [open] };
        resolve(undefined);
        return new Promise(() => undefined);
      },
    });
    const running = rig.start(["wait", "last"]);
    await asked;
    running.process.kill("SIGINT");
    expect(await running.ended).toEqual({
      code: 130,
      stdout: "",
      stderr: "stopped looking; runs go on\n",
    });
    expect(daemon.paramsOf("run.cancel")).toEqual([]);
  });
});

describe("cancel and retry", () => {
  test("nothing to cancel is not success", async () => {
    await rig.daemon({ "run.cancel": () => ({ cancelled: [], stopping: [] }) });
    expect((await rig.run(["cancel", "all"])).code).toBe(119);
  });

  test("retry prints the new ids alone", async () => {
    await rig.daemon({ "run.retry": () => ({ runs: [{ from: id, id: "run_01j9x2c3d4e9" }] }) });
    expect((await rig.run(["retry", "last"])).stdout).toBe("run_01j9x2c3d4e9\n");
  });
});
