import { describe, expect, test } from "vitest";
import { keep } from "../store/support/rows.ts";
import { brief, collect, day, RetentionBed, unlimited } from "./bed.ts";

const hour = 3_600_000;
const year = 365 * day;
const policy = {
  runs: { ...unlimited, ageMs: 90 * day },
  logs: { ...unlimited, ageMs: 30 * day },
  events: { ageMs: 90 * day, bytes: Infinity },
  cache: { ageMs: 90 * day, bytes: Infinity },
};

/** A box with what the last days left, and a daemon that has seen what time it is. */
async function bedOfToday(): Promise<RetentionBed> {
  const bed = new RetentionBed();
  for (let n = 1; n <= 3; n++) await bed.ended(n, 10 - n);
  // The shop has a clock of its own: by the doubt alone this is too old or not.
  await bed.shop.record({ a: "made" }, Date.now() - 100 * day);
  await keep(bed.store, () => {
    for (let i = 0; i < 3; i++) bed.events.append("daemon.started");
    bed.store.boxMinutes.add({
      ...{ at: bed.now, availableBytes: 1, limitBytes: 1, needBytes: 1, running: 1, waiting: 0 },
      ...{ limitByteSeconds: 1, needByteSeconds: 1, budgetBytes: 1, floorBytes: 1 },
    });
  });
  await collect(bed.retention());
  return bed;
}

/** What is there of runs, logs, those events and minutes. */
function left(bed: RetentionBed): number[] {
  return [
    bed.there(1, 2, 3).length,
    [1, 2, 3].filter((n) => bed.hasLog(n)).length,
    bed.events.since(0, 100).filter(({ kind }) => kind === "daemon.started").length,
    bed.store.boxMinutes.list({ sinceAt: 0, untilAt: Infinity }, 100).length,
  ];
}

const everything = [3, 3, 3, 1];

describe("a clock that is a year ahead", () => {
  test("takes nothing by age, and is believed once it has stood for three hours", async () => {
    const bed = await bedOfToday();
    bed.now += year;
    const retention = bed.retention(policy);
    const first = await collect(retention);
    expect(first).toMatchObject({ runs: [], logs: [], events: 0, artifacts: 0 });
    expect(first.doubtMs).toBeGreaterThan(year - day);
    bed.pass(2.9 * hour);
    expect((await collect(retention)).doubtMs).toBeGreaterThan(0);
    expect(left(bed)).toStrictEqual(everything);
    bed.pass(0.2 * hour);
    expect(await collect(retention)).toMatchObject({ doubtMs: 0, events: 2, artifacts: 1 });
    // The newest event stays.
    expect(left(bed)).toStrictEqual([0, 0, 1, 0]);
  });

  test("and is set right has done no harm; the same again has to stand from the start", async () => {
    const bed = await bedOfToday();
    const retention = bed.retention(policy);
    bed.now += year;
    await collect(retention);
    bed.pass(2 * hour);
    bed.now -= year;
    expect((await collect(retention)).doubtMs).toBe(0);
    bed.now += year;
    await collect(retention);
    bed.pass(2 * hour);
    // One that leaps on is another one.
    bed.now += year;
    await collect(retention);
    bed.pass(2 * hour);
    expect((await collect(retention)).doubtMs).toBeGreaterThan(year);
    expect(left(bed)).toStrictEqual(everything);
  });

  test("is doubted by every later daemon, however often one starts", async () => {
    const bed = await bedOfToday();
    bed.now += year;
    for (let start = 0; start < 5; start++) {
      bed.pass(2 * hour);
      await collect(bed.retention(policy));
    }
    expect(left(bed)).toStrictEqual(everything);
  });

  test("does not hold up what goes by number, nor what somebody asks for by number", async () => {
    const bed = await bedOfToday();
    bed.now += year;
    const counted = bed.retention({
      ...policy,
      runs: { ageMs: 90 * day, count: 2, bytes: Infinity },
    });
    expect(brief(await collect(counted))).toStrictEqual([["run", 1, "count"]]);
    expect(brief(await collect(counted, { olderThanMs: 20 * day }))).toStrictEqual([]);
    expect(brief(await collect(counted, { keep: 1 }))).toStrictEqual([["run", 2, "count"]]);
  });

  test("is a box that was off for a week at most: that is believed at once", async () => {
    const bed = await bedOfToday();
    bed.now += 6 * day;
    const retention = bed.retention({ runs: { ...unlimited, ageMs: 14 * day } });
    const done = await collect(retention);
    expect([done.doubtMs, brief(done)]).toStrictEqual([0, [["run", 1, "age"]]]);
    // A box that stays on for months is not in doubt, however seldom anybody looks.
    bed.pass(60 * day);
    expect((await collect(retention)).doubtMs).toBe(0);
  });
});

test("a clock that boots in the past takes nothing, and what it leaps by is doubted when it is set", async () => {
  const bed = await bedOfToday();
  const today = bed.now;
  bed.now = 0;
  const retention = bed.retention(policy);
  await collect(retention);
  bed.now = today + day;
  expect((await collect(retention)).doubtMs).toBeGreaterThan(year);
  bed.pass(4 * hour);
  expect((await collect(retention)).doubtMs).toBe(0);
  expect(left(bed)).toStrictEqual(everything);
});
