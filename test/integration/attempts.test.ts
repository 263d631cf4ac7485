import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Rig } from "../support/rig.ts";

const mib = 1024 ** 2;
let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({
    containment: "polling",
    flags: ["--default-memory", "64M", "--budget", "512M", "--grace", "300ms"],
    env: { BLUT_BACKOFF_FIRST: "20ms", BLUT_BACKOFF_LONGEST: "80ms", BLUT_RETRY_LOST: "1" },
  });
});
afterAll(() => rig[Symbol.asyncDispose]());

const runOf = (id: string) => rig.call("run.get", { run: id });

describe("cancel", () => {
  test("of a queued run is at once, and nothing of it ever starts", async () => {
    const holder = await rig.hold("lock", { locks: ["door"] });
    await rig.event("attempt.started", holder);
    const queued = await rig.stage("exit-code", [0], { locks: ["door"] });
    const answer = await rig.call("run.cancel", { runs: [queued], reason: "wrong file" });
    expect(answer).toStrictEqual({ cancelled: [queued], stopping: [] });
    expect(await runOf(queued)).toMatchObject({
      state: "cancelled",
      exitCode: 122,
      end: { kind: "cancelled-while-queued" },
      history: [],
    });
    rig.release("lock");
    expect(await rig.finished(holder)).toMatchObject({ state: "succeeded" });
  });

  test("of a running one lets it end by SIGTERM, whatever it says then", async () => {
    const script = "trap 'echo saved; exit 0' TERM; echo up; while :; do sleep 0.05; done";
    const id = await rig.submit(["sh", "-c", script]);
    await rig.says(id, "up");
    expect(await rig.call("run.cancel", { runs: [id] })).toStrictEqual({
      cancelled: [],
      stopping: [id],
    });
    const run = await rig.finished(id);
    expect(run).toMatchObject({ state: "cancelled", exitCode: 122 });
    expect(run.history[0]?.outcome).toStrictEqual({ cause: "cancelled" });
    expect(await rig.output(id)).toBe("up\nsaved\n");
  });

  test("fault 22: one that is deaf to SIGTERM gets its grace, then SIGKILL", async () => {
    const id = await rig.stage("ignore-sigterm");
    await rig.says(id, "deaf");
    await rig.call("run.cancel", { runs: [id] });
    const stopping = await rig.event("attempt.stopping", id);
    expect(await rig.finished(id)).toMatchObject({ state: "cancelled", exitCode: 122 });
    const ended = await rig.event("attempt.ended", id);
    expect(ended.at - stopping.at).toBeGreaterThanOrEqual(290);
  });

  test("now means SIGKILL at once, also after a polite one", async () => {
    const id = await rig.stage("ignore-sigterm");
    await rig.says(id, "deaf");
    await rig.call("run.cancel", { runs: [id] });
    await rig.call("run.cancel", { runs: [id], now: true });
    expect(await rig.finished(id)).toMatchObject({ state: "cancelled" });
  });

  test("of a run that is over changes nothing", async () => {
    const id = await rig.stage("exit-code", [4]);
    await rig.finished(id);
    expect(await rig.call("run.cancel", { runs: [id] })).toStrictEqual({
      cancelled: [],
      stopping: [],
    });
    expect(await runOf(id)).toMatchObject({ state: "failed", exitCode: 4 });
  });

  test("is remembered through a crash between the word and the end", async () => {
    const id = await rig.stage("ignore-sigterm");
    await rig.says(id, "deaf");
    await rig.call("run.cancel", { runs: [id] });
    await rig.crash();
    expect(await rig.finished(id)).toMatchObject({ state: "cancelled", exitCode: 122 });
  });
});

describe("timeouts", () => {
  test("a soft one warns, and a run that then finishes has finished", async () => {
    const script = "trap 'echo warned; exit 0' TERM; while :; do sleep 0.05; done";
    const id = await rig.submit(["sh", "-c", script], { softTimeoutMs: 300 });
    expect(await rig.finished(id)).toMatchObject({ state: "succeeded", exitCode: 0 });
    expect(await rig.output(id)).toBe("warned\n");
  });

  test("a soft one that ends the run badly is a timeout", async () => {
    const id = await rig.submit(["sleep", "1000"], { softTimeoutMs: 200 });
    const run = await rig.finished(id);
    expect(run).toMatchObject({ state: "failed", exitCode: 121 });
    expect(run.history[0]?.outcome).toStrictEqual({ cause: "timed-out", which: "soft" });
  });

  test("fault 22: a hard one kills what is deaf, and is not tried again", async () => {
    const id = await rig.stage("ignore-sigterm", [], { timeoutMs: 300, retries: 5 });
    const run = await rig.finished(id);
    expect(run).toMatchObject({ state: "failed", exitCode: 121, attempts: 1 });
    expect(run.history[0]?.outcome).toStrictEqual({ cause: "timed-out", which: "hard" });
  });

  test("a deadline that passed while no daemon was there is kept by the next", async () => {
    const id = await rig.submit(["sleep", "1000"], { timeoutMs: 600 });
    await rig.event("attempt.started", id);
    await rig.crash();
    expect(await rig.finished(id)).toMatchObject({ state: "failed", exitCode: 121, attempts: 1 });
  });
});

describe("retries", () => {
  test("as many as were asked for, each later than the one before, then its own exit code", async () => {
    const id = await rig.stage("exit-code", [9], { retries: 2 });
    const run = await rig.finished(id);
    expect(run).toMatchObject({ state: "failed", exitCode: 9, attempts: 3 });
    const delays = rig.events
      .filter(({ kind, runId }) => kind === "run.requeued" && runId === id)
      .map(({ facts }) => Number(facts["delayMs"]));
    expect(delays).toHaveLength(2);
    expect(delays[1]).toBeGreaterThan(delays[0] ?? Infinity);
  });

  test("no backoff is slept through, 20 times over", async () => {
    const id = await rig.stage("exit-code", [1], { retries: 20 });
    expect(await rig.finished(id)).toMatchObject({ state: "failed", attempts: 21 });
  });

  test("stop at the first success", async () => {
    const mark = path.join(rig.directory, "second-time");
    const script = `[ -e ${mark} ] || { : > ${mark}; exit 1; }`;
    const id = await rig.submit(["sh", "-c", script], { retries: 5 });
    expect(await rig.finished(id)).toMatchObject({ state: "succeeded", attempts: 2 });
  });

  test("by hand make a new run of the same command and environment", async () => {
    const id = await rig.submit(["sh", "-c", 'echo "$WORD"; exit 1'], {
      env: { PATH: "/usr/bin:/bin", WORD: "kept" },
    });
    await rig.finished(id);
    const again = (await rig.call("run.retry", { runs: [id] })).runs[0]?.id ?? "";
    const run = await rig.finished(again);
    expect(run).toMatchObject({ retriedFrom: id, exitCode: 1 });
    expect(await rig.output(again)).toBe("kept\n");
    const live = await rig.hold("live");
    expect(await rig.refusal("run.retry", { runs: [live] })).toMatchObject({
      reason: "wrong-state",
    });
    rig.release("live");
  });

  test("by hand of several tell which were accepted before one was refused", async () => {
    const fits = await rig.submit(["true"]);
    const outgrown = await rig.submit(["true"], {
      calibrateAs: "outgrown",
      memory: { ceilingBytes: 64 * mib },
    });
    await Promise.all([fits, outgrown].map((id) => rig.finished(id)));
    await rig.call("calibration.set", { key: "outgrown", bytes: 256 * mib });
    const { message } = await rig.refusal("run.retry", { runs: [fits, outgrown] });
    const [, accepted = ""] = /; (run_\w+) was submitted before it$/.exec(message) ?? [];
    expect(await rig.finished(accepted)).toMatchObject({ retriedFrom: fits, exitCode: 0 });
  });

  test("a stranger's SIGKILL spends the lost budget, teaches nothing, and ends as killed", async () => {
    const ask = { calibrateAs: "killed-by-a-stranger" };
    const id = await rig.submit(["sh", "-c", "kill -9 $PPID $$"], ask);
    const run = await rig.finished(id);
    expect(run).toMatchObject({ state: "failed", exitCode: 137, attempts: 2 });
    expect(run.history.map(({ outcome }) => outcome)).toStrictEqual([
      { cause: "killed-from-outside", by: "stranger" },
      { cause: "killed-from-outside", by: "stranger" },
    ]);
    const known = await rig.refusal("calibration.get", { key: "killed-by-a-stranger" });
    expect(known.reason).toBe("not-found");
  });
});

describe("memory", () => {
  test("fault 34: an own-limit kill is answered with more, and the next run starts with what was learnt", async () => {
    const ask = { calibrateAs: "grows-to-100" };
    const id = await rig.stage("grow-memory", [100, 0.3], ask);
    const run = await rig.finished(id);
    expect(run).toMatchObject({ state: "succeeded", attempts: 2 });
    expect(run.history.map(({ limitBytes }) => limitBytes)).toStrictEqual([64 * mib, 128 * mib]);
    expect(run.history[0]?.outcome).toStrictEqual({
      cause: "out-of-memory",
      limitBytes: 64 * mib,
    });
    const again = await rig.finished(await rig.stage("grow-memory", [100, 0.3], ask));
    expect(again).toMatchObject({ state: "succeeded", attempts: 1 });
    expect(again.history[0]?.limitOrigin.kind).toBe("measured");
  });

  test("fault 34: what needs more than the box ends with both numbers, exit 120", async () => {
    const ask = { calibrateAs: "never-enough", memory: { ceilingBytes: 150 * mib } };
    // It holds what it has, so that a busy box's sampler sees it all the same.
    const run = await rig.finished(await rig.stage("grow-memory", [400, 60], ask));
    expect(run).toMatchObject({
      state: "failed",
      exitCode: 120,
      end: { kind: "footprint-exceeds-host", ceilingBytes: 150 * mib },
    });
    expect(run.history.map(({ outcome }) => outcome?.cause)).toStrictEqual(
      run.history.map(() => "out-of-memory"),
    );
    expect(run.history.at(-1)?.limitBytes).toBe(150 * mib);
    expect(run.sentence).toMatch(/150 MiB/);
  });

  test("a first limit above the box is refused with both numbers", async () => {
    const refused = await rig.refusal("run.submit", {
      argv: ["true"],
      cwd: "/",
      env: { PATH: "/usr/bin:/bin" },
      memory: { firstBytes: 600 * mib },
    });
    expect(refused).toMatchObject({
      reason: "never-fits",
      data: { neededBytes: 600 * mib, ceilingBytes: 512 * mib },
    });
    expect(refused.message).toMatch(/600 MiB.*512 MiB/);
  });

  test("the sum of what runs never passes the budget", async () => {
    const holders = await Promise.all(
      ["a", "b", "c", "d"].map(() => rig.hold("sum", { memory: { firstBytes: 200 * mib } })),
    );
    await Promise.all(holders.slice(0, 2).map((id) => rig.event("attempt.started", id)));
    const { memory, counts } = await rig.call("daemon.status", {});
    expect(memory.reservedBytes).toBe(400 * mib);
    expect(counts).toMatchObject({ running: 2, queued: 2 });
    rig.release("sum");
    for (const id of holders) expect((await rig.finished(id)).state).toBe("succeeded");
  });
});
