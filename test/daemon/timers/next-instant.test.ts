import { expect, test } from "vitest";
import type { Trigger } from "../../../daemon/domain/schedule.ts";
import { parseCron } from "../../../daemon/timers/cron.ts";
import { countInstants, nextInstant } from "../../../daemon/timers/next-instant.ts";
import { Zone } from "../../../daemon/timers/zone.ts";

const hourMs = 3_600_000;

function cron(expression: string, seed = "name"): Trigger {
  const fields = parseCron(expression, seed);
  if (!fields.ok) throw new Error(fields.error);
  return { kind: "cron", expression, fields: fields.value };
}

function zoneOf(name: string): Zone {
  const zone = Zone.named(name);
  if (zone === undefined) throw new Error(`no zone ${name}`);
  return zone;
}

/** The next instants after one, in ISO. */
function next(expression: string, zone: string, after: string, count = 3): string[] {
  const found: string[] = [];
  let at: number | undefined = Date.parse(after);
  while (found.length < count) {
    at = nextInstant(cron(expression), zoneOf(zone), at);
    if (at === undefined) break;
    found.push(new Date(at).toISOString().replace(".000Z", "Z"));
  }
  return found;
}

test("fault 32: a fixed time in the gap runs once, soon after", () => {
  // Berlin, 2026-03-29: 02:00 becomes 03:00.
  expect(next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2)).toEqual([
    "2026-03-29T01:00:00Z",
    "2026-03-30T00:30:00Z",
  ]);
  expect(next("0,15,30,45 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2)).toEqual([
    "2026-03-29T01:00:00Z",
    "2026-03-30T00:00:00Z",
  ]);
});

test("fault 32: a fixed time in the overlap runs once, the first time", () => {
  // Berlin, 2026-10-25: 03:00 becomes 02:00.
  expect(next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2)).toEqual([
    "2026-10-25T00:30:00Z",
    "2026-10-26T01:30:00Z",
  ]);
});

test("fault 32: a wildcard follows real time through both", () => {
  expect(next("30 * * * *", "Europe/Berlin", "2026-10-24T23:40:00Z")).toEqual([
    "2026-10-25T00:30:00Z",
    "2026-10-25T01:30:00Z",
    "2026-10-25T02:30:00Z",
  ]);
  expect(next("*/30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 1)).toEqual([
    "2026-03-30T00:00:00Z",
  ]);
});

test("fault 32: a change of three hours is a correction: nothing is made up for, nothing left out", () => {
  // Antarctica/Casey, 2020-10-04: 00:01 becomes 03:01, as cron(8) has it the new time holds at once.
  expect(next("30 1 * * *", "Antarctica/Casey", "2020-10-02T18:00:00Z", 2)).toEqual([
    "2020-10-04T14:30:00Z",
    "2020-10-05T14:30:00Z",
  ]);
});

test("a leap day is waited for, and the last day of a month is found", () => {
  expect(next("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", 1)).toEqual(["2104-02-29T00:00:00Z"]);
  expect(next("0 0 L * *", "UTC", "2027-01-31T00:00:00Z", 2)).toEqual([
    "2027-02-28T00:00:00Z",
    "2027-03-31T00:00:00Z",
  ]);
  expect(next("0 0 * * 5L", "UTC", "2026-11-01T00:00:00Z", 1)).toEqual(["2026-11-27T00:00:00Z"]);
  expect(next("0 0 * * fri#2", "UTC", "2026-11-01T00:00:00Z", 1)).toEqual(["2026-11-13T00:00:00Z"]);
  expect(next("0 0 13 * 5", "UTC", "2026-11-01T00:00:00Z", 3)).toEqual([
    "2026-11-06T00:00:00Z",
    "2026-11-13T00:00:00Z",
    "2026-11-20T00:00:00Z",
  ]);
});

test.each([
  "60 * * * *",
  "* * 31 2 *",
  "0 0 30 feb *",
  "0 0 31 4,6 *",
  "* * *",
  "1 2 3 4 5 6 7",
  "",
  "@every 0s",
  "@reboot",
  "0 0 * * L",
  "constructor",
  "*/0 * * * *",
  "5-1 * * * *",
])("%j is refused", (expression) => {
  expect(parseCron(expression, "name").ok).toBe(false);
});

test("H is spread by the name, and always the same for it", () => {
  const minutes = new Set(
    Array.from({ length: 200 }, (_, i) => {
      const [first, again] = [cron("H H * * *", `name-${i}`), cron("H H * * *", `name-${i}`)];
      expect(first).toEqual(again);
      return first.kind === "cron" ? first.fields.minutes[0] : undefined;
    }),
  );
  expect(minutes.size).toBeGreaterThan(40);
});

test("every counts from 1970, whatever the zone", () => {
  const trigger: Trigger = { kind: "every", everyMs: 6 * hourMs };
  const after = Date.parse("2026-03-29T00:00:00Z");
  expect(nextInstant(trigger, zoneOf("Europe/Berlin"), after)).toBe(after + 6 * hourMs);
});

/** What a clock on the wall shows, read of Intl a second time and in another way. */
function wallClock(name: string): (at: number) => number {
  const format = new Intl.DateTimeFormat("sv-SE", {
    ...{ timeZone: name, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit" },
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit" },
  });
  return (at) => Date.parse(`${format.format(at).replace(" ", "T")}Z`);
}

/** Every instant at which a zone's clocks change, found by the clock on the wall. */
function changesOf(name: string, fromYear: number, untilYear: number): number[] {
  const wall = wallClock(name);
  const changes: number[] = [];
  const dayMs = 24 * hourMs;
  for (let at = Date.UTC(fromYear, 0); at < Date.UTC(untilYear, 0); at += dayMs) {
    if (wall(at + dayMs) - wall(at) === dayMs) continue;
    let [low, high] = [at, at + dayMs];
    while (high - low > 60_000) {
      const middle = low + Math.floor((high - low) / 120_000) * 60_000;
      if (wall(middle) - wall(low) === middle - low) low = middle;
      else high = middle;
    }
    changes.push(high);
  }
  return changes;
}

test("fault 32: every zone, every change from 2020 to 2040, a job at every quarter of an hour", () => {
  const daily = Array.from({ length: 96 }, (_, i) => {
    const [hour, minute] = [Math.floor(i / 4), (i % 4) * 15];
    return { timeMs: hour * hourMs + minute * 60_000, trigger: cron(`${minute} ${hour} * * *`) };
  });
  const quarterly = cron("*/15 * * * *");
  const seen = new Set<string>();
  for (const name of Intl.supportedValuesOf("timeZone")) {
    const zone = zoneOf(name);
    const wall = wallClock(name);
    const changes = changesOf(name, 2020, 2041);
    const years = Array.from({ length: 21 }, (_, i) => zone.spansOf(2020 + i));
    const spans = years.flat().filter(({ offsetMs, beforeMs }) => offsetMs !== beforeMs);
    expect(spans.map(({ fromAt }) => fromAt)).toEqual(changes);
    for (const change of changes) {
      // Zones that change alike at the same time are one.
      const like = `${change} ${wall(change)} ${wall(change - 60_000)}`;
      if (seen.has(like)) continue;
      seen.add(like);
      const [from, until] = [change - 4 * hourMs, change + 4 * hourMs];
      const minutes = Array.from({ length: 480 }, (_, i) => from + i * 60_000);
      const walls = minutes.map(wall);
      const whenWall = (isIt: (at: number) => boolean) =>
        minutes.filter((_, i) => isIt(walls[i] ?? 0));
      const between = (trigger: Trigger): number[] => {
        const fired: number[] = [];
        let at = nextInstant(trigger, zone, from - 1);
        for (; at !== undefined && at < until; at = nextInstant(trigger, zone, at)) fired.push(at);
        expect(countInstants(trigger, zone, from - 1, until - 1), like).toBe(fired.length);
        return fired;
      };
      expect(between(quarterly), like).toEqual(whenWall((each) => each % 900_000 === 0));
      const jump = wall(change) - wall(change - 60_000) - 60_000;
      const isRuled = Math.abs(jump) < 3 * hourMs;
      for (const { timeMs, trigger } of daily) {
        const times = whenWall((each) => each % (24 * hourMs) === timeMs);
        const isLeftOut = jump > 0 && isIn(timeMs, wall(change) - jump, wall(change));
        const wanted = !isRuled ? times : isLeftOut ? [change] : times.slice(0, 1);
        expect(between(trigger), `${name} ${like} ${timeMs / hourMs}`).toEqual(wanted);
      }
    }
  }
  expect(seen.size).toBeGreaterThan(500);
}, 240_000);

/** Is a time of day within this stretch of wall time, which is shorter than a day? */
function isIn(timeMs: number, fromWall: number, untilWall: number): boolean {
  const dayMs = 24 * hourMs;
  const next = Math.floor((fromWall - timeMs + dayMs - 1) / dayMs) * dayMs + timeMs;
  return next >= fromWall && next < untilWall;
}
