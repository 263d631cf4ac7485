import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { gib } from "../../../daemon/domain/quantity.ts";
import { makeReport, type Report } from "../../../daemon/report/make-report.ts";
import type { Store } from "../../../daemon/store/store.ts";
import {
  anAttempt,
  aRun,
  attemptId,
  environment,
  keep,
  plan,
  runId,
} from "../store/support/rows.ts";
import { openStore } from "../store/support/scratch.ts";

const minute = 60_000;
const hour = 60 * minute;
const tries = 1050;
const runs = 250;
const minutes = 2500;

/** Many short runs, and before them one that was tried a thousand times; each try an hour with 1 GiB. */
async function fill(store: Store): Promise<void> {
  await keep(store, () => {
    const ended = { state: "ended", startedAt: hour, endedAt: 2 * hour } as const;
    const outcome = { cause: "succeeded" } as const;
    const peaks = { needBytes: gib, oomEvents: 0, oomKills: 0, rodeLimit: false, leftovers: 0 };
    let attempts = 0;
    for (let n = 1; n <= runs; n++) {
      const times = { createdAt: hour, startedAt: hour, endedAt: 2 * hour + n };
      const name = n === 1 ? "often" : "once";
      store.runs.insert(
        aRun(n, { name, state: "succeeded", exitCode: 0, ...times }),
        plan,
        environment,
      );
      store.steps.insert(runId(n), "main", "succeeded");
      for (let number = 1; number <= (n === 1 ? tries : 1); number++) {
        const about = { ...ended, outcome, peaks, number, limitBytes: 3 * gib };
        const limitOrigin = { kind: "measured", runId: runId(1), peakNeedBytes: gib } as const;
        const id = attemptId(++attempts);
        store.attempts.insert(anAttempt(n, { ...about, id, limitOrigin }));
      }
    }
    for (let n = 0; n < minutes; n++) {
      store.boxMinutes.add({
        ...{ at: n * minute, availableBytes: gib, limitBytes: gib, needBytes: gib },
        ...{ limitByteSeconds: 1, needByteSeconds: 1, running: n % 7, waiting: 0 },
        ...{ budgetBytes: gib, floorBytes: 0 },
      });
    }
  });
}

function reportOf(store: Store): Promise<Report> {
  const parts = {
    store,
    memory: { defaultBytes: 4 * gib },
    admission: { pressureStopPercent: 10 },
    stateOf: () => "paused" as const,
  };
  const span = { sinceAt: 0, untilAt: minutes * minute };
  return makeReport(parts, { ...span, minutes: 50, bars: 10, courses: 5 });
}

test("a report of many rows is whole, and everybody else has turns while it is read", async () => {
  const store = openStore();
  await fill(store);
  const over = new AbortController();
  const making = reportOf(store).finally(() => {
    over.abort();
  });
  let turns = 0;
  for (; !over.signal.aborted; turns++) await setImmediate();
  const report = await making;
  // A hundred rows a turn, whichever way they lie.
  expect(turns).toBeGreaterThan((tries + runs + minutes) / 100 - 1);
  expect(report.totals).toStrictEqual({ succeeded: runs, failed: 0, cancelled: 0 });
  expect(report.names).toMatchObject([
    { name: "often", succeeded: 1, tookMs: tries * hour, peakNeedBytes: gib },
    { name: "once", succeeded: runs - 1, tookMs: (runs - 1) * hour },
  ]);
  expect(report.memory).toMatchObject({
    measuredAttempts: tries + runs - 1,
    savedByteSeconds: (tries + runs - 1) * 3600 * gib,
  });
  expect(report.waits).toMatchObject({ count: runs });
  expect(report.minutes.rows).toHaveLength(50);
  const seconds = report.minutes.rows.reduce((sum, row) => sum + row.limitByteSeconds, 0);
  expect(seconds).toBe(minutes);
  expect(Math.max(...report.minutes.rows.map(({ running }) => running))).toBe(6);
  expect([report.bars.length, report.moreBars]).toStrictEqual([10, runs - 10]);
});

test("runs that are collected while it is read are in it as far as it came", async () => {
  const store = openStore();
  await fill(store);
  const making = reportOf(store);
  await setImmediate();
  await keep(store, () => {
    for (let n = 1; n <= runs; n++) store.retention.deleteRun(runId(n));
  });
  const { totals, memory } = await making;
  expect(totals.succeeded).toBeGreaterThan(0);
  expect(totals.succeeded).toBeLessThan(runs);
  expect(memory.measuredAttempts).toBeLessThan(tries);
});
