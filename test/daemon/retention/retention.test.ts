import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { runId, keep, unwrap } from "../store/support/rows.ts";
import { lay } from "../artifacts/support/shop.ts";
import { brief, collect, day, kib, RetentionBed, unlimited } from "./bed.ts";

/** Looks at each turn of the event loop, so that what is under way is seen before it is over. */
async function turnUntil(holds: () => boolean): Promise<void> {
  while (!holds()) await setImmediate();
}

describe("by the configuration", () => {
  test("runs go by age, logs go before them, and both say why", async () => {
    const bed = new RetentionBed();
    for (const [n, daysAgo] of [100, 40, 10].entries()) await bed.ended(n + 1, daysAgo);
    const retention = bed.retention({
      runs: { ...unlimited, ageMs: 90 * day },
      logs: { ...unlimited, ageMs: 30 * day },
    });
    expect(brief(await collect(retention))).toStrictEqual([
      ["run", 1, "age"],
      ["logs", 2, "age"],
    ]);
    expect(bed.there(1, 2, 3)).toStrictEqual([2, 3]);
    expect([bed.hasLog(2), bed.hasLog(3)]).toStrictEqual([false, true]);
    expect(bed.store.runs.get(runId(2))).toMatchObject({
      logsGoneAt: bed.now,
      logsGoneBecause: "age",
    });
    expect(bed.store.retention.collected(runId(1), 2)).toStrictEqual([
      { id: runId(1), at: bed.now, because: "age" },
    ]);
    expect(brief(await collect(retention))).toStrictEqual([]);
    const { facts } = bed.events.since(0, 10).at(-1) ?? { facts: undefined };
    expect(facts).toMatchObject({ runs: 1, logs: 1, events: 0, artifacts: 0 });
    expect(bed.events.bounds().last).toBe(1);
  });

  test("a plan and an environment go with their last run", async () => {
    const bed = new RetentionBed();
    await bed.ended(1, 10);
    await bed.ended(2, 5);
    await bed.ended(3, 5, { planDigest: "plan-2", environmentDigest: "environment-2" });
    await collect(bed.retention({ runs: { ...unlimited, ageMs: 7 * day } }));
    expect(bed.store.runs.plan(runId(2))).toBeDefined();
    await collect(bed.retention({ runs: { ...unlimited, ageMs: day } }));
    expect(bed.there(1, 2, 3)).toStrictEqual([]);
    expect(bed.store.runs.counts()).toStrictEqual({ queued: 0, running: 0, ended: 0 });
    expect(bed.store.retention.totals()).toStrictEqual({
      ...{ runs: 0, logs: 0, logBytes: 0, historyBytes: 0 },
    });
    // Nothing of their texts is left; ids go on from where they were.
    expect(bed.store.attempts.newestIdBody()).toBe("000000000003");
    await bed.ended(4, 0);
    expect(bed.store.runs.plan(runId(4))).toBeDefined();
  });

  test("by count the oldest go, and the last of each name at the end", async () => {
    const bed = new RetentionBed();
    await bed.ended(1, 50, { name: "yearly" });
    for (let n = 2; n <= 6; n++) await bed.ended(n, 20 - n);
    const most = (count: number) => bed.retention({ runs: { ...unlimited, count }, keepLast: 1 });
    expect(brief(await collect(most(4)))).toStrictEqual([
      ["run", 2, "count"],
      ["run", 3, "count"],
    ]);
    expect(brief(await collect(most(1)))).toStrictEqual([
      ["run", 4, "count"],
      ["run", 5, "count"],
      ["run", 1, "count"],
    ]);
    const aged = bed.retention({ runs: { ...unlimited, ageMs: day }, keepLast: 1 });
    const { spared, ...done } = await collect(aged);
    expect(brief({ spared, ...done })).toStrictEqual([]);
    expect(spared).toMatchObject([{ because: "last", one: { run: { id: runId(6) } } }]);
  });

  test("by size logs go first, then whole runs, the oldest first", async () => {
    const bed = new RetentionBed();
    const big = { "main/1/stdout.log": "x".repeat(400 * kib) };
    for (let n = 1; n <= 3; n++) await bed.ended(n, 20 - n, { files: big });
    const history = { "main/1/metrics.csv": "y".repeat(200 * kib) };
    for (let n = 4; n <= 6; n++) await bed.ended(n, 10 - n, { files: history });
    const logs = bed.retention({ logs: { ...unlimited, bytes: 900 * kib } });
    expect(brief(await collect(logs))).toStrictEqual([["logs", 1, "size"]]);
    const all = bed.retention({ runs: { ...unlimited, bytes: 700 * kib } });
    expect(brief(await collect(all))).toStrictEqual([
      ["logs", 2, "size"],
      ["logs", 3, "size"],
    ]);
    const { left, ...done } = await collect(bed.retention(), { maxBytes: 300 * kib });
    expect(brief({ left, ...done }).filter(([what]) => what === "run").length).toBeGreaterThan(0);
    expect(left.logBytes + left.historyBytes).toBeLessThanOrEqual(300 * kib);
    expect(left.historyBytes).toBeGreaterThan(200 * kib);
  });

  test("events go by age and size, but never the newest", async () => {
    const bed = new RetentionBed();
    for (let n = 0; n < 30; n++) {
      bed.now += day;
      await keep(bed.store, () => {
        bed.events.append("daemon.started", { facts: { text: "x".repeat(100) } });
      });
    }
    const old = bed.retention({ events: { ageMs: 10 * day, bytes: Infinity } });
    expect((await collect(old)).events).toBe(19);
    expect(bed.events.bounds()).toStrictEqual({ first: 20, last: 31 });
    const large = bed.retention({ events: { ageMs: Infinity, bytes: 3 * 200 } });
    expect((await collect(large)).events).toBeGreaterThan(5);
    const { first, last } = bed.events.bounds();
    expect(last - first).toBeLessThan(5);
    bed.pass(100 * day);
    await collect(old);
    expect(bed.events.bounds().last).toBeGreaterThanOrEqual(last);
  });

  test("events that a wrong clock dated go with those around them, and take none with them", async () => {
    const bed = new RetentionBed();
    const daysAgo = [200, 200, 9, 9, 4000, 4000, 4000, 4000, 4000, 9, 9, 9];
    await keep(bed.store, () => {
      for (const days of daysAgo) {
        const at = bed.now - days * day;
        bed.store.events.append({ kind: "daemon.started", at, facts: {} });
      }
    });
    const retention = bed.retention({ events: { ageMs: 90 * day, bytes: Infinity } });
    expect((await collect(retention)).events).toBe(2);
    expect(bed.events.bounds().first).toBe(3);
    bed.pass(82 * day);
    expect((await collect(retention)).events).toBe(10);
  });

  test("artifacts go by their own limits, where there are any", async () => {
    const bed = new RetentionBed();
    const now = Date.now();
    await bed.shop.record({ a: "old" }, now - 40 * day);
    await bed.shop.record({ b: "young" }, now);
    expect(await collect(bed.retention())).toMatchObject({ artifacts: 0 });
    const limited = bed.retention({ cache: { ageMs: 30 * day, bytes: Infinity } });
    expect(await collect(limited, { keep: 0 })).toMatchObject({ artifacts: 0 });
    expect(await collect(limited)).toMatchObject({ artifacts: 1, freedBytes: 3 });
  });
});

describe("what stays", () => {
  const all = { keep: 0 };

  test("is pinned, needed, waited for, or the original of a live retry", async () => {
    const bed = new RetentionBed();
    const { store } = bed;
    for (let n = 1; n <= 8; n++) await bed.ended(n, 20 - n);
    await keep(store, () => {
      store.retention.setPinned(runId(1), true);
      store.schedules.insertTick({
        ...{ schedule: "nightly", instant: 1, cause: "clock", state: "fired", at: 1 },
        runId: runId(2),
      });
    });
    await bed.queued(20, {}, [3]);
    // A retry of a retry: what it goes on from may be in the first one's directory.
    await bed.ended(10, 5, { retriedFrom: runId(4) });
    await bed.queued(21, { retriedFrom: runId(10) });
    await bed.ended(11, 0.0001);
    const { spared, ...done } = await collect(bed.retention(), all);
    expect(brief({ spared, ...done }).map(([, n]) => n)).toStrictEqual([5, 6, 7, 8]);
    expect(spared.map(({ one, because }) => [Number(one.run.id.slice(4)), because])).toStrictEqual([
      [1, "pinned"],
      [2, "schedule"],
      [3, "needed"],
      [4, "retried"],
      [10, "retried"],
      [11, "just-ended"],
    ]);
    await keep(store, () => {
      store.retention.setPinned(runId(1), false);
      const end = { kind: "cancelled-while-queued" } as const;
      for (const n of [20, 21]) store.runs.move(runId(n), "cancelled", { at: bed.now, end });
    });
    bed.now += day;
    expect(brief(await collect(bed.retention(), all)).map(([, n]) => n)).toStrictEqual([
      1, 3, 4, 10, 11, 20, 21,
    ]);
    // Only the schedule does not know yet.
    expect(bed.there(2)).toStrictEqual([2]);
  });

  test("pinned counts for nothing: the others may be as many and as large as without it", async () => {
    const bed = new RetentionBed();
    const big = { "main/1/stdout.log": "x".repeat(400 * kib) };
    for (let n = 1; n <= 5; n++) await bed.ended(n, 20 - n, { files: big, pinned: n < 4 });
    const rule = { ...unlimited, count: 2, bytes: 900 * kib };
    expect(brief(await collect(bed.retention({ runs: rule, logs: rule })))).toStrictEqual([]);
    await bed.ended(6, 1);
    expect(brief(await collect(bed.retention({ runs: rule })))).toStrictEqual([
      ["run", 4, "count"],
    ]);
    expect(bed.there(1, 2, 3, 4, 5, 6)).toStrictEqual([1, 2, 3, 5, 6]);
  });

  test("is looked at once more when it goes: what was chosen and is needed since stays", async () => {
    const bed = new RetentionBed();
    for (let n = 1; n <= 200; n++) await bed.ended(n, 300 - n);
    const retention = bed.retention();
    const collecting = retention.collect({ keep: 0 }, false);
    // It is under way once the first have gone.
    await turnUntil(() => bed.store.runs.get(runId(1)) === undefined);
    await keep(bed.store, () => bed.store.retention.setPinned(runId(200), true));
    const done = unwrap(await collecting);
    expect(done.runs).toHaveLength(199);
    expect(bed.there(199, 200)).toStrictEqual([200]);
  }, 90_000);

  test("of lineage leads back from every artifact that is kept, and no further", async () => {
    const bed = new RetentionBed();
    const { store, shop } = bed;
    const kept = await shop.record({ a: "kept" }, 1);
    const [raw, middle, forgotten] = ["1", "2", "3"].map((digit) => digit.repeat(64));
    const write = (n: number, artifact = "", reads: readonly string[] = []): void => {
      const place = { runId: runId(n), step: "main" };
      const facts = {} as Parameters<typeof store.lineage.putWrite>[1]["facts"];
      store.lineage.putWrite(place, { artifact, kind: "any", key: "k", at: n, facts });
      const of = (digest: string, i: number) => ({
        ...{ input: `in${i}`, artifact: digest, kind: "any" },
      });
      store.lineage.replaceReads(place, reads.map(of));
    };
    for (let n = 1; n <= 5; n++) await bed.ended(n, 50 - n);
    await keep(store, () => {
      write(1, middle, [raw ?? ""]);
      write(2, kept.digest, [middle ?? ""]);
      write(3, forgotten, [raw ?? ""]);
      write(4, "4".repeat(64), [forgotten ?? ""]);
      store.lineage.replaceReads({ runId: runId(5), step: "main" }, [
        { input: "in", artifact: kept.digest, kind: "any" },
      ]);
    });
    await collect(bed.retention(), all);
    expect(bed.there(1, 2, 3, 4, 5)).toStrictEqual([]);
    const writers = (digest = ""): string[] =>
      store.lineage.writersOf(digest, 9).map((each) => each.runId);
    expect(writers(kept.digest)).toStrictEqual([runId(2)]);
    expect(writers(middle)).toStrictEqual([runId(1)]);
    expect(writers(forgotten)).toStrictEqual([]);
    expect(store.lineage.readersOf(raw ?? "", 9).map((each) => each.runId)).toStrictEqual([
      runId(1),
    ]);
    expect(store.lineage.readersOf(kept.digest, 9)).toStrictEqual([]);
    unwrap(await shop.upkeep.prune({ maxBytes: 0 }, false));
    // Only a step that made nothing ever read this one.
    const unread = "5".repeat(64);
    await bed.ended(6, 2);
    await bed.ended(7, 1);
    await keep(store, () => {
      write(6, unread);
      store.lineage.replaceReads({ runId: runId(7), step: "main" }, [
        { input: "in", artifact: unread, kind: "any" },
      ]);
    });
    await collect(bed.retention(), all);
    expect([kept.digest, middle, unread].map(writers)).toStrictEqual([[], [], []]);
  });
});

describe("a collection that the daemon's stop cuts short", () => {
  const stopped = { ok: false, error: { reason: "wrong-state", retryable: true } };

  test("takes no more runs, and the next daemon goes on with it", async () => {
    const bed = new RetentionBed();
    for (let n = 1; n <= 200; n++) await bed.ended(n, 300 - n);
    const retention = bed.retention();
    const collecting = retention.collect({ keep: 0 }, false);
    await turnUntil(() => bed.store.runs.get(runId(1)) === undefined);
    retention.stop();
    await retention.settled();
    expect(await collecting).toMatchObject(stopped);
    // What one change takes may have gone, nothing more.
    expect(bed.store.runs.get(runId(200))).toBeDefined();
    unwrap(await bed.retention().collect({ keep: 0 }, false));
    expect(readdirSync(bed.runsDir)).toStrictEqual([]);
  }, 90_000);

  test("drops no more events, and plans nothing more", async () => {
    const bed = new RetentionBed();
    await keep(bed.store, () => {
      const event = { kind: "daemon.started", at: bed.now, facts: {} } as const;
      for (let i = 0; i < 10_000; i++) bed.store.events.append(event);
    });
    const policy = { events: { ageMs: Infinity, bytes: 0 } };
    const retention = bed.retention(policy);
    const { last } = bed.events.bounds();
    const collecting = retention.collect({}, false);
    await turnUntil(() => bed.events.bounds().first > 1);
    retention.stop();
    expect(await collecting).toMatchObject(stopped);
    expect(bed.events.bounds().first).toBeLessThan(last);
    expect(await retention.collect({}, true)).toMatchObject(stopped);
    await collect(bed.retention(policy));
    expect(bed.events.bounds().last).toBeGreaterThanOrEqual(last);
  }, 90_000);
});

describe("a collection that a death cut short", () => {
  test("is gone on with: rows, directories and logs that were on their way", async () => {
    const bed = new RetentionBed();
    const { store } = bed;
    for (let n = 1; n <= 4; n++) await bed.ended(n, 10);
    await keep(store, () => {
      // Marked, and not a row of it gone; its rows gone and its directory not; its logs said to be gone.
      store.retention.mark(runId(1), bed.now, "age");
      for (let i = 0; i < 250; i++) store.steps.insert(runId(1), `step-${i}`, "skipped");
      store.retention.mark(runId(2), bed.now, "count");
      store.retention.deleteRun(runId(2));
      store.retention.takeLogs(runId(3), bed.now, "size");
      store.retention.weigh(runId(3), { logBytes: 1, historyBytes: 1 });
    });
    expect(existsSync(bed.directory(2))).toBe(true);
    unwrap(await bed.retention().collect({}, false));
    expect(bed.there(1, 2, 3, 4)).toStrictEqual([3, 4]);
    expect([bed.hasLog(3), bed.hasLog(4)]).toStrictEqual([false, true]);
    expect(store.retention.going(10)).toStrictEqual([]);
    expect(store.retention.logsGoing(10)).toStrictEqual([]);
    expect(store.steps.of(runId(1))).toStrictEqual([]);
  });

  test("leaves no directory of a collected run for good, and takes none that nobody knows", async () => {
    const bed = new RetentionBed();
    await bed.ended(1, 10);
    await collect(bed.retention(), { keep: 0 });
    // Written after it had gone; and rows that were lost with a database, whose files are all there is.
    lay(bed.directory(1), { "status.jsonl": "{}\n" });
    lay(bed.directory(2), { "lineage.jsonl": "{}\n" });
    lay(join(bed.runsDir, "a-stranger"), { file: "1" });
    bed.now = Date.now();
    const retention = bed.retention({ runs: { ...unlimited, ageMs: 90 * day } });
    unwrap(await retention.collect({}, false));
    expect(readdirSync(bed.runsDir).sort()).toStrictEqual(["a-stranger", runId(2)]);
    bed.pass(91 * day);
    unwrap(await retention.collect({}, false));
    expect(readdirSync(bed.runsDir)).toStrictEqual(["a-stranger"]);
  });
});
