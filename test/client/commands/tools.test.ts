import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { MethodResult } from "../../../daemon/protocol/methods.ts";
import { ClientRig } from "../../support/client-rig.ts";
import { aDetail, aQueuedRun } from "../../support/wire-facts.ts";

let rig: ClientRig;
beforeEach(() => (rig = new ClientRig()));
afterEach(() => rig.close());

type BlutEvent = MethodResult<"events.list">["events"][number];
const event = (seq: number): BlutEvent => ({
  seq,
  at: Date.now(),
  kind: "run.queued",
  runId: "run_1",
  facts: { name: "a\u001b[2J" },
});

describe("events", () => {
  test("shows the last ones, one line each, made safe", async () => {
    const daemon = await rig.daemon({
      "events.subscribe": () => ({ cursor: 60 }),
      "events.list": () => ({ events: [event(59), event(60)], missed: 0, next: 60 }),
    });
    const { stdout } = await rig.run(["events"]);
    expect(stdout).toMatch(/#59 run\.queued run_1 name=a\\x1b\[2J\n.*#60/);
    expect(daemon.paramsOf("events.list")).toMatchObject([{ since: 10 }]);
  });

  test("--since pages to the end and counts what is gone", async () => {
    await rig.daemon({
      "events.subscribe": () => ({ cursor: 5 }),
      "events.list": ({ since }) =>
        since < 3
          ? { events: [event(3)], missed: 2, next: 3 }
          : { events: [event(4), event(5)], missed: 0, next: 5 },
    });
    const { stdout } = await rig.run(["events", "--since", "0", "--json"]);
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(lines).toMatchObject([{ missed: 2, next: 3 }, { seq: 3 }, { seq: 4 }, { seq: 5 }]);
  });

  test("-f goes on from its cursor when the daemon restarts", async () => {
    const first = await rig.daemon({
      "events.subscribe": (_, stage) => {
        stage.notify("events.event", event(7));
        stage.notify("events.gap", { missed: 3, next: 10 });
        setImmediate(stage.hangUp);
        return { cursor: 6 };
      },
    });
    const running = rig.start(["events", "-f", "--since", "6"]);
    await running.saying("the daemon went away");
    await first.stop();
    const { promise: again, resolve } = Promise.withResolvers<unknown>();
    await rig.daemon({
      "events.subscribe": (params) => {
        resolve(params);
        return { cursor: params.since ?? 0 };
      },
    });
    expect(await again).toEqual({ since: 10 });
    running.process.kill("SIGINT");
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(stdout).toContain("#7 run.queued");
    expect(stderr).toContain("3 events are gone; going on after #10");
    // Ctrl-C is not a loss of the daemon.
    expect(stderr.match(/the daemon went away/g)).toHaveLength(1);
  });
});

describe("calibration", () => {
  test("import sends the document of a file, and refuses what is not JSON", async () => {
    await rig.daemon({ "calibration.import": () => ({ merged: 0, rejected: 1 }) });
    const file = join(rig.directory, "known.json");
    writeFileSync(file, '{"version":1,"calibrations":[]}');
    const good = await rig.run(["calibration", "import", file]);
    expect(good).toMatchObject({ code: 0, stdout: "0 keys merged, 1 refused as impossible.\n" });
    writeFileSync(file, "not json");
    expect((await rig.run(["calibration", "import", file])).code).toBe(2);
  });

  test("forgetting what is not there exits 119", async () => {
    await rig.daemon({ "calibration.forget": () => ({ forgotten: [] }) });
    expect((await rig.run(["calibration", "forget", "k"])).code).toBe(119);
  });
});

describe("rpc", () => {
  test("calls any method with JSON from the line or from standard input", async () => {
    const daemon = await rig.daemon({ "run.list": () => ({ runs: [], more: false }) });
    const { stdout } = await rig.run(["rpc", "run.list", '{"limit":3}']);
    expect(JSON.parse(stdout)).toEqual({ runs: [], more: false });
    const running = rig.start(["rpc", "run.list", "-"]);
    running.process.stdin.end('{"limit":4}');
    expect((await running.ended).code).toBe(0);
    expect(daemon.paramsOf("run.list")).toEqual([{ limit: 3 }, { limit: 4 }]);
  });
});

describe("completion", () => {
  test.each(["bash", "zsh", "fish"])("prints a script for %s", async (shell) => {
    const { code, stdout } = await rig.run(["completion", shell]);
    expect(code).toBe(0);
    expect(stdout).toContain("blutctl __complete --");
    const json = await rig.run(["completion", shell, "--json"]);
    expect(JSON.parse(json.stdout)).toEqual({ script: stdout });
    if (shell === "bash") {
      expect(spawnSync("bash", ["-n"], { input: stdout }).stderr.toString()).toBe("");
    }
  });

  test("offers the ids that the verb can take, live", async () => {
    const daemon = await rig.daemon({ "run.list": () => ({ runs: [aQueuedRun()], more: false }) });
    const { stdout } = await rig.run(["__complete", "--", "cancel", "run_"]);
    expect(stdout).toBe("run_01j9x2c3d4e5\tencode queued\n:nothing\n");
    expect(daemon.paramsOf("run.list")).toMatchObject([{ states: ["queued", "running"] }]);
  });

  test.each([
    ["log", "last/ma"],
    ["show", "last/"],
    ["metrics", "last", "--step", ""],
    ["retry", "last", "--from", "m"],
  ])("offers the steps of the run for %s %s %s", async (...words) => {
    const daemon = await rig.daemon({ "run.get": () => aDetail() });
    const { stdout } = await rig.run(["__complete", "--", ...words]);
    const expected = words[1].includes("/") ? "last/main" : "main";
    expect(stdout).toBe(`${expected}\tsucceeded\n:nothing\n`);
    expect(daemon.paramsOf("run.get")).toEqual([{ run: "last" }]);
  });

  test.each([
    [["__"], ":nothing\n"],
    [["help", "exit"], "exit-codes\tthe table of exit codes\n:nothing\n"],
    [["su"], "submit\tqueue a command; stdout is the run id alone\n:nothing\n"],
    [["submit", "--mem-"], "--mem-max\tthe limit may grow to this, never past it\n:nothing\n"],
    [["submit", "--color", ""], "auto\t\nalways\t\nnever\t\n:nothing\n"],
    [["calibration", "fo"], "forget\tforget keys\n:nothing\n"],
    [["submit", "--", "ma"], ":commands\n"],
    [["show", ""], ":nothing\n"],
  ])("%j completes to what fits, daemon or not", async (words, expected) => {
    const { code, stdout, stderr } = await rig.run(["__complete", "--", ...words]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: expected, stderr: "" });
  });
});
