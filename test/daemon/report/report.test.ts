import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BoxMinute } from "../../../daemon/domain/box-minute.ts";
import { Best } from "../../../daemon/report/best.ts";
import { daemonLife } from "../../../daemon/report/daemon-life.ts";
import { Failures, needingSomebody } from "../../../daemon/report/failures.ts";
import { MemoryBalance } from "../../../daemon/report/memory-balance.ts";
import { ScheduleTally } from "../../../daemon/report/schedules.ts";
import { Thinning } from "../../../daemon/report/thin-minutes.ts";
import {
  mainReason,
  quantile,
  Waits,
  type WaitFigures,
  type Waited,
} from "../../../daemon/report/waits.ts";
import type { EndedRun } from "../../../daemon/store/reports.ts";
import { gib } from "../../support/box.ts";
import { anAttempt, aRun } from "../store/support/rows.ts";

const hour = 3_600_000;

describe("limits", () => {
  const ran = { state: "ended", startedAt: 0, endedAt: hour } as const;
  const measured = { kind: "measured", runId: "run_a", peakNeedBytes: gib } as const;
  const peaks = { needBytes: gib, oomEvents: 0, oomKills: 0, rodeLimit: false, leftovers: 0 };

  test("one that was learnt saves what the first one would have held, times the time", () => {
    const balance = new MemoryBalance();
    const row = { ...anAttempt(1), ...ran, limitBytes: gib, limitOrigin: measured };
    balance.add({ name: "a", row, firstBytes: 4 * gib });
    balance.add({ name: "a", row: { ...row, limitBytes: 6 * gib }, firstBytes: 4 * gib });
    balance.add({
      name: "a",
      row: { ...row, limitOrigin: { kind: "asked" } },
      firstBytes: 4 * gib,
    });
    expect(balance.figures()).toMatchObject({
      savedByteSeconds: 3 * gib * 3600,
      addedByteSeconds: 2 * gib * 3600,
      measuredAttempts: 2,
    });
  });

  test("what nobody needed is the limit less the mean need, or less the peak where that is all there is", () => {
    const balance = new MemoryBalance();
    const row = { ...anAttempt(1), ...ran, limitBytes: 4 * gib, peaks };
    const curve = { stepMs: 1000, needBytes: [gib, null, 0, gib / 2] };
    balance.add({ name: "curve", row, firstBytes: 0, curve });
    balance.add({ name: "peak", row, firstBytes: 0 });
    balance.add({ name: "unknown", row: { ...anAttempt(2), ...ran }, firstBytes: 0 });
    expect(balance.figures().wasted).toStrictEqual([
      expect.objectContaining({ name: "curve", byteSeconds: 3.5 * gib * 3600 }),
      expect.objectContaining({ name: "peak", byteSeconds: 3 * gib * 3600, peakNeedBytes: gib }),
    ]);
  });

  test("kills at their own limits cost the time that they ran; those from outside are told apart", () => {
    const balance = new MemoryBalance();
    const row = { ...anAttempt(1), ...ran };
    for (const outcome of [
      { cause: "out-of-memory", limitBytes: gib },
      { cause: "out-of-memory", limitBytes: gib },
      { cause: "killed-from-outside", by: "oomd" },
      { cause: "killed-from-outside", by: "stranger" },
    ] as const) {
      balance.add({ name: "a", row: { ...row, outcome }, firstBytes: 0 });
    }
    const figures = { kills: 2, killedRuns: 1, killedMs: 2 * hour, killedFromOutside: 1 };
    expect(balance.figures()).toMatchObject(figures);
  });
});

describe("failures", () => {
  const exit = (exitCode: number) =>
    ({ kind: "outcome", step: "main", outcome: { cause: "failed", exitCode } }) as const;
  const ended = (n: number, more: Partial<EndedRun>): EndedRun => ({
    ...aRun(n),
    ...{ state: "failed", endedAt: n, end: exit(1) },
    ...more,
  });

  test("they are grouped by name and cause, the open ones first, each with its newest run", () => {
    const failures = new Failures();
    failures.add(ended(1, { name: "mended" }));
    failures.add(ended(2, { name: "open" }));
    failures.add(ended(3, { name: "open" }));
    failures.add(ended(4, { name: "open", end: exit(2) }));
    failures.add(ended(5, { name: "mended", state: "succeeded" }));
    failures.add(ended(6, { name: "follows", end: { kind: "needed-run-failed", runId: "run_a" } }));
    failures.add(ended(7, { name: "ended", state: "cancelled" }));
    const groups = failures.groups();
    expect(
      groups.map(({ name, cause, count, newest, recovered }) => ({
        ...{ name, cause, count, recovered },
        at: newest.endedAt,
      })),
    ).toStrictEqual([
      { name: "follows", cause: "needed-run-failed", count: 1, recovered: false, at: 6 },
      { name: "open", cause: "exit 2", count: 1, recovered: false, at: 4 },
      { name: "open", cause: "exit 1", count: 2, recovered: false, at: 3 },
      { name: "mended", cause: "exit 1", count: 1, recovered: true, at: 1 },
    ]);
    expect(needingSomebody(groups, [], [])).toBe(1);
    const paused = [{ name: "resting" }];
    expect(needingSomebody(groups, paused, ["resting", "wrong"])).toBe(3);
  });
});

describe("the daemon's life", () => {
  const event = (at: number, word: "started" | "stopping", bootId: string) =>
    ({ at, kind: `daemon.${word}`, bootId }) as const;

  test("restarts, deaths and reboots are told apart; what was before the span only explains", () => {
    const events = [
      event(1, "started", "a"),
      event(10, "started", "a"),
      event(11, "stopping", "a"),
      event(12, "started", "a"),
      event(13, "started", "b"),
      event(14, "stopping", "b"),
      event(15, "started", "c"),
    ];
    expect(daemonLife(events, 10)).toStrictEqual({ starts: 4, reboots: 2, deaths: 1 });
    expect(daemonLife([event(10, "started", "a")], 10)).toStrictEqual({
      ...{ starts: 1, reboots: 0, deaths: 0 },
    });
    expect(daemonLife([], 10)).toStrictEqual({ starts: 0, reboots: 0, deaths: 0 });
  });
});

describe("waits", () => {
  test("a quantile is a number that so many do not exceed", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { minLength: 1 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (numbers, part) => {
          const ordered = numbers.toSorted((a, b) => a - b);
          const found = quantile(ordered, part);
          const covered = (bound: number): number => numbers.filter((n) => n <= bound).length;
          expect(numbers).toContain(found);
          expect(covered(found)).toBeGreaterThanOrEqual(part * numbers.length - 1e-9);
          expect(covered(found - 1)).toBeLessThan(part * numbers.length);
        },
      ),
    );
  });

  test("the longest is named, and no run that waited makes no figure", () => {
    const waited = (runId: string, until: number) => ({ runId, name: "a", from: 0, until });
    const figuresOf = (all: readonly Waited[]): WaitFigures | undefined => {
      const waits = new Waits();
      for (const each of all) waits.add(each);
      return waits.figures();
    };
    expect(figuresOf([waited("a", 5), waited("b", 9), waited("c", 1)])).toStrictEqual({
      ...{ count: 3, medianMs: 5, p95Ms: 9 },
      longest: waited("b", 9),
    });
    expect(figuresOf([])).toBeUndefined();
    expect(mainReason(["cpus", "pool", "pool"])).toBe("pool");
    expect(mainReason([])).toBeUndefined();
  });
});

test("schedules in trouble come first, and what is late is told", () => {
  const tally = new ScheduleTally();
  const tick = { instant: 0, at: 0, because: null, count: 1 };
  tally.add({ ...tick, schedule: "fine", state: "succeeded" });
  tally.add({ ...tick, schedule: "late", state: "succeeded", at: 61_000 });
  tally.add({
    ...tick,
    schedule: "missed",
    state: "missed",
    at: hour,
    because: "nobody was there",
    count: 24,
  });
  tally.add({ ...tick, schedule: "missed", state: "skipped", because: "run_a has not ended" });
  expect(
    tally.figures().map(({ name, late, missed, because }) => ({ name, late, missed, because })),
  ).toStrictEqual([
    { name: "missed", late: 0, missed: 24, because: "run_a has not ended" },
    { name: "late", late: 1, missed: 0, because: undefined },
    { name: "fine", late: 0, missed: 0, because: undefined },
  ]);
});

test("a schedule that could start nothing is over it once it has", () => {
  const tally = new ScheduleTally();
  const [no, yes] = [
    { instant: 0, at: 0, because: "no recipe is called nope", count: 1, state: "refused" },
    { instant: 1, at: 1, because: null, count: 1, state: "fired" },
  ] as const;
  for (const schedule of ["still", "mended", "again"]) tally.add({ ...no, schedule });
  for (const schedule of ["mended", "again"]) tally.add({ ...yes, schedule });
  for (const schedule of ["again", "again"]) tally.add({ ...no, schedule });
  expect(tally.refused).toStrictEqual(["still", "again"]);
});

describe("thinning", () => {
  const minute = fc.record({
    at: fc.nat({ max: 3000 }).map((n) => n * 60_000),
    availableBytes: fc.nat(),
    limitBytes: fc.nat(),
    needBytes: fc.nat(),
    limitByteSeconds: fc.nat(),
    needByteSeconds: fc.nat(),
    running: fc.nat(),
    waiting: fc.nat(),
    budgetBytes: fc.constant(9),
    floorBytes: fc.constant(1),
  });

  test("no row too many, nothing of the worst and nothing of the sums is lost", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(minute, { selector: ({ at }) => at }),
        fc.integer({ min: 1, max: 500 }),
        (minutes: BoxMinute[], most) => {
          const thinning = new Thinning(3000 * 60_000, most);
          for (const each of minutes) thinning.add(each);
          const { rows, stepMs } = thinning.thin();
          const sum = (all: readonly BoxMinute[]): number =>
            all.reduce((s, m) => s + m.limitByteSeconds, 0);
          const least = (all: readonly BoxMinute[]): number =>
            Math.min(...all.map((m) => m.availableBytes));
          expect(rows.length).toBeLessThanOrEqual(most + 1);
          expect(sum(rows)).toBe(sum(minutes));
          expect(least(rows)).toBe(least(minutes));
          expect(new Set(rows.map(({ at }) => at % stepMs)).size).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  test("the best of any number are the best, and the rest is counted", () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.nat({ max: 20 }), (numbers, count) => {
        const best = new Best<number>(count, (n) => n);
        for (const n of numbers) best.add(n);
        expect(best.values()).toStrictEqual(numbers.toSorted((a, b) => b - a).slice(0, count));
        expect(best.more).toBe(Math.max(0, numbers.length - count));
      }),
    );
  });
});
