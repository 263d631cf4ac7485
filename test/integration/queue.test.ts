import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Rig } from "../support/rig.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({
    containment: "polling",
    flags: ["--default-memory", "32M", "--cpus", "4", "--pools", "db=2"],
  });
});
afterAll(() => rig[Symbol.asyncDispose]());

const runOf = (id: string) => rig.call("run.get", { run: id });
const waitOf = async (id: string) => (await rig.call("run.explain", { run: id })).wait;

/** Runs in the order in which they began. */
async function orderOf(ids: readonly string[]): Promise<string[]> {
  const runs = await Promise.all(ids.map((id) => rig.finished(id)));
  return runs.sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0)).map(({ id }) => id);
}

describe("--needs and --after", () => {
  test("a run waits for the ones it needs, says so, and starts when they have succeeded", async () => {
    const first = await rig.hold("first");
    const second = await rig.stage("exit-code", [0], { needs: [first] });
    expect((await runOf(second)).state).toBe("queued");
    expect(await waitOf(second)).toMatchObject({ reason: "waits-for-run" });
    expect((await waitOf(second))?.message).toContain(first);
    rig.release("first");
    expect(await rig.finished(second)).toMatchObject({ state: "succeeded", exitCode: 0 });
    expect((await runOf(first)).endedAt).toBeLessThanOrEqual((await runOf(second)).startedAt ?? 0);
  });

  test("a needed run that fails takes with it what needs it, and what needs that, with its name", async () => {
    const root = await rig.hold("root");
    const child = await rig.stage("exit-code", [0], { needs: [root] });
    const grandchild = await rig.stage("exit-code", [0], { needs: [child] });
    const bystander = await rig.stage("exit-code", [0], { after: [child] });
    await rig.call("run.cancel", { runs: [root] });
    for (const id of [child, grandchild]) {
      expect(await rig.finished(id)).toMatchObject({
        state: "failed",
        exitCode: 123,
        end: { kind: "needed-run-failed", runId: root },
        history: [],
      });
    }
    expect(await rig.finished(bystander)).toMatchObject({ state: "succeeded" });
  });

  test("a run that was already over when it was named decides at once", async () => {
    const bad = await rig.stage("exit-code", [3]);
    const good = await rig.stage("exit-code", [0]);
    await Promise.all([rig.finished(bad), rig.finished(good)]);
    const needsBad = await rig.stage("exit-code", [0], { needs: [bad] });
    expect(await runOf(needsBad)).toMatchObject({ state: "failed", exitCode: 123 });
    const afterBad = await rig.stage("exit-code", [0], { after: [bad], needs: [good] });
    expect(await rig.finished(afterBad)).toMatchObject({ state: "succeeded" });
  });

  test("a chain of 1,000 waits ends at once when its first run fails", async () => {
    const root = await rig.hold("chain");
    let last = root;
    for (let n = 0; n < 1000; n++) {
      last = await rig.stage("exit-code", [0], { needs: [last] });
    }
    await rig.call("run.cancel", { runs: [root], now: true });
    expect(await rig.finished(last)).toMatchObject({
      exitCode: 123,
      end: { kind: "needed-run-failed", runId: root },
    });
    expect(await rig.call("daemon.status", {})).toMatchObject({
      counts: { queued: 0, running: 0 },
    });
  }, 60_000);

  test("naming a run that is not there is refused, and nothing is stored", async () => {
    const before = (await rig.call("daemon.status", {})).counts;
    const refused = await rig.refusal("run.submit", {
      argv: ["true"],
      cwd: "/",
      env: { PATH: "/usr/bin:/bin" },
      needs: ["run_000000000000"],
    });
    expect(refused).toMatchObject({ reason: "not-found" });
    expect((await rig.call("daemon.status", {})).counts).toStrictEqual(before);
  });
});

describe("order", () => {
  test("higher priority starts first, and among equals the older one", async () => {
    const holder = await rig.hold("order", { locks: ["one-at-a-time"] });
    await rig.event("attempt.started", holder);
    const locks = ["one-at-a-time"];
    const low = await rig.stage("exit-code", [0], { locks, priority: -5 });
    const middle = await rig.stage("exit-code", [0], { locks });
    const younger = await rig.stage("exit-code", [0], { locks });
    const high = await rig.stage("exit-code", [0], { locks, priority: 5 });
    rig.release("order");
    expect(await orderOf([low, middle, younger, high])).toStrictEqual([high, middle, younger, low]);
  });

  test("a lock has one holder, and a pool as many as it has places", async () => {
    const holders = [
      await rig.hold("pool", { pools: { db: 1 }, locks: ["table"] }),
      await rig.hold("pool", { pools: { db: 1 } }),
    ];
    await Promise.all(holders.map((id) => rig.event("attempt.started", id)));
    const third = await rig.stage("exit-code", [0], { pools: { db: 1 } });
    const locked = await rig.stage("exit-code", [0], { locks: ["table"] });
    expect(await waitOf(third)).toMatchObject({ reason: "pool" });
    expect(await waitOf(locked)).toMatchObject({ reason: "lock" });
    expect((await rig.call("daemon.status", {})).pools).toStrictEqual([
      { name: "db", total: 2, used: 2 },
    ]);
    rig.release("pool");
    expect(await rig.finished(third)).toMatchObject({ state: "succeeded" });
    expect(await rig.finished(locked)).toMatchObject({ state: "succeeded" });
  });

  test("CPUs that are claimed are nobody else's", async () => {
    const holder = await rig.hold("cpus", { cpus: 3 });
    await rig.event("attempt.started", holder);
    const big = await rig.stage("exit-code", [0], { cpus: 2 });
    const small = await rig.stage("exit-code", [0], { cpus: 1 });
    expect(await rig.finished(small)).toMatchObject({ state: "succeeded" });
    expect(await waitOf(big)).toMatchObject({ reason: "cpus" });
    rig.release("cpus");
    expect(await rig.finished(big)).toMatchObject({ state: "succeeded" });
  });
});

describe("a dedupe key", () => {
  const ask = { dedupeKey: "nightly-encode" };

  test("answers the same submit with the same run, while it runs and after", async () => {
    const path = { PATH: "/usr/bin:/bin" };
    const body = { argv: ["true"] as [string], cwd: "/", env: path, ...ask };
    const first = await rig.call("run.submit", body);
    expect(first.deduplicated).toBe(false);
    expect(await rig.call("run.submit", body)).toStrictEqual({ id: first.id, deduplicated: true });
    await rig.finished(first.id);
    expect(await rig.call("run.submit", body)).toStrictEqual({ id: first.id, deduplicated: true });
    for (const other of [
      { ...body, argv: ["false"] as [string] },
      { ...body, env: { ...path, SEED: "2" } },
      { ...body, priority: 1 },
    ]) {
      const refused = await rig.refusal("run.submit", other);
      expect(refused).toMatchObject({ reason: "dedupe-conflict", data: { id: first.id } });
    }
  });

  test("used by 50 submits at once makes one run", async () => {
    const body = {
      argv: ["true"] as [string],
      cwd: "/",
      env: { PATH: "/usr/bin:/bin" },
      dedupeKey: "fifty",
    };
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => rig.call("run.submit", body)),
    );
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(answers.filter(({ deduplicated }) => !deduplicated)).toHaveLength(1);
  });
});

describe("holds", () => {
  test("pause keeps what runs and starts nothing, and a crash does not end it; resume does", async () => {
    const running = await rig.hold("paused");
    await rig.event("attempt.started", running);
    const { hold } = await rig.call("daemon.pause", { reason: "moving the disks" });
    expect(hold).toMatchObject({ mode: "pause", reason: "moving the disks" });
    const queued = await rig.stage("exit-code", [0]);
    expect(await waitOf(queued)).toMatchObject({ reason: "paused" });
    await rig.crash();
    expect((await rig.call("daemon.status", {})).hold).toMatchObject({
      reason: "moving the disks",
    });
    expect(await waitOf(queued)).toMatchObject({ reason: "paused" });
    rig.release("paused");
    expect(await rig.finished(running)).toMatchObject({ state: "succeeded", attempts: 1 });
    expect((await runOf(queued)).state).toBe("queued");
    await rig.call("daemon.resume", {});
    expect(await rig.finished(queued)).toMatchObject({ state: "succeeded" });
  });

  test("drain lets what was begun go on to its end, its next tries too, and begins nothing", async () => {
    const script = "[ -e again ] && exit 0; mkfifo again; echo begun; read -r word < again; exit 1";
    const begun = await rig.submit(["sh", "-c", script], { retries: 1 });
    await rig.says(begun, "begun");
    await rig.call("daemon.drain", { reason: "new kernel" });
    const queued = await rig.stage("exit-code", [0]);
    writeFileSync(path.join(rig.directory, "again"), "go\n");
    expect(await rig.finished(begun)).toMatchObject({ state: "succeeded", attempts: 2 });
    expect(await waitOf(queued)).toMatchObject({ reason: "draining" });
    await rig.call("daemon.resume", {});
    await rig.finished(queued);
  });

  test("a hold for a length ends by itself, also when the daemon died meanwhile", async () => {
    await rig.call("daemon.drain", { reason: "short", forMs: 1500 });
    const queued = await rig.stage("exit-code", [0]);
    expect(await waitOf(queued)).toMatchObject({ reason: "draining" });
    await rig.crash();
    expect(await rig.finished(queued)).toMatchObject({ state: "succeeded" });
    expect((await rig.call("daemon.status", {})).hold).toBeUndefined();
  });
});

describe("wait", () => {
  test("for any of several answers at the first end, and says how each stands", async () => {
    const slow = await rig.hold("slow");
    const fast = await rig.stage("exit-code", [5]);
    const { done, runs } = await rig.call("run.wait", { runs: [slow, fast], any: true });
    expect(done).toBe(true);
    expect(runs.map(({ id, exitCode }) => [id, exitCode])).toStrictEqual([
      [slow, undefined],
      [fast, 5],
    ]);
    rig.release("slow");
    await rig.finished(slow);
  });

  test("that runs out says so, and the run goes on", async () => {
    const slow = await rig.hold("out");
    const { done, runs } = await rig.call("run.wait", { runs: [slow], waitMs: 50 });
    expect(done).toBe(false);
    expect(["queued", "running"]).toContain(runs[0]?.state);
    rig.release("out");
    expect(await rig.finished(slow)).toMatchObject({ state: "succeeded" });
  });

  test("for a run that is over answers at once, and one that nobody knows is refused", async () => {
    const id = await rig.stage("exit-code", [0]);
    await rig.finished(id);
    expect(await rig.call("run.wait", { runs: [id] })).toMatchObject({ done: true });
    expect(await rig.refusal("run.wait", { runs: ["run_000000000000"] })).toMatchObject({
      reason: "not-found",
    });
  });
});
