import { expect, test } from "vitest";
import type { CatchUp } from "../../../daemon/domain/schedule.ts";
import { dueInstants } from "../../../daemon/timers/due.ts";
import { Zone } from "../../../daemon/timers/zone.ts";

const hourMs = 3_600_000;
const zone = Zone.named("UTC") as Zone;
const start = Date.UTC(2026, 0);

function due(take: CatchUp["take"], hours: number, more: Partial<CatchUp> = {}) {
  const catchUp = { take, windowMs: 24 * hourMs, count: 3, ...more };
  const trigger = { kind: "every", everyMs: hourMs } as const;
  const found = dueInstants({ trigger, zone, catchUp }, start, start + hours * hourMs + 120_000);
  const hoursOf = (list: readonly number[]) => list.map((at) => (at - start) / hourMs);
  const { since = 0, until = 0, count = 0 } = found.missed ?? {};
  const missed = found.missed ? [...hoursOf([since, until]), count] : [];
  return { caughtUp: hoursOf(found.caughtUp), missed };
}

test("what was missed is made up for as the schedule says, the rest is told", () => {
  expect(due("none", 4)).toEqual({ caughtUp: [], missed: [1, 4, 4] });
  expect(due("last", 4)).toEqual({ caughtUp: [4], missed: [1, 3, 3] });
  expect(due("all", 4)).toEqual({ caughtUp: [2, 3, 4], missed: [1, 1, 1] });
  expect(due("all", 4, { windowMs: 1.5 * hourMs })).toEqual({
    caughtUp: [3, 4],
    missed: [1, 2, 2],
  });
});

test("a box that comes back after a year of missed seconds does not stampede", () => {
  const trigger = { kind: "every", everyMs: 1000 } as const;
  const catchUp = { take: "all", windowMs: 365 * 24 * hourMs, count: 100 } as const;
  const now = start + 365 * 24 * hourMs;
  const found = dueInstants({ trigger, zone, catchUp }, start, now);
  const { onTime, caughtUp, missed } = found;
  expect([onTime.length, caughtUp.length]).toEqual([61, 100]);
  const oldest = now - 160_000;
  expect(caughtUp[0]).toBe(oldest);
  const count = (now - start) / 1000 - 161;
  expect(missed).toEqual({ since: start + 1000, until: oldest - 1000, count });
});

test("what may have been put off is on time until its jitter is over", () => {
  const trigger = { kind: "every", everyMs: hourMs } as const;
  const catchUp = { take: "none", windowMs: hourMs, count: 1 } as const;
  const spanMs = hourMs / 2;
  const after = (ms: number) =>
    dueInstants({ trigger, zone, catchUp }, start, start + hourMs + ms, spanMs);
  expect(after(spanMs + 60_000)).toEqual({ onTime: [start + hourMs], caughtUp: [] });
  expect(after(spanMs + 60_001).missed).toMatchObject({ until: start + hourMs, count: 1 });
});

test("a jitter of many instants leaves none of them without a record", () => {
  const trigger = { kind: "every", everyMs: 1000 } as const;
  const catchUp = { take: "none", windowMs: hourMs, count: 1 } as const;
  const found = dueInstants({ trigger, zone, catchUp }, start, start + hourMs, hourMs);
  expect(found.onTime.length + (found.missed?.count ?? 0)).toBe(3600);
  expect(found.missed?.until).toBe((found.onTime[0] ?? 0) - 1000);
});

test("what is on time is no catch-up", () => {
  const trigger = { kind: "every", everyMs: 30_000 } as const;
  const catchUp = { take: "last", windowMs: hourMs, count: 1 } as const;
  const found = dueInstants({ trigger, zone, catchUp }, start, start + 30_000);
  expect(found).toEqual({ onTime: [start + 30_000], caughtUp: [] });
});
