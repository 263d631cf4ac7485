import type { CronFields, Trigger } from "../domain/schedule.ts";
import { countMatches, firstMatch } from "./cron-day.ts";
import type { Zone, ZoneSpan } from "./zone.ts";

/** cron(8): a change of the clock by as much or more is a correction, and the new time holds at once. */
const correctionMs = 3 * 3_600_000;

/** Years that are looked at: whatever fires at all does so within the longest cycle of the calendar. */
const mostYears = 41;

/** Instants are those that a Date can have. */
const lastAt = Date.UTC(9999, 0);

/**
 * The first instant after `after` at which something fires; undefined when it never does again.
 *
 * Where clocks change, the rules are those of Debian's cron(8). Fixed times that a change forward left
 * out fire once, as soon as it is done; those that a change back repeats fire the first time only.
 * What has a `*` in its time of day follows real time. Both hold for changes of less than three hours.
 */
export function nextInstant(trigger: Trigger, zone: Zone, after: number): number | undefined {
  if (trigger.kind === "every") {
    const { everyMs } = trigger;
    const next = (Math.floor(after / everyMs) + 1) * everyMs;
    return next < lastAt ? next : undefined;
  }
  const { fields } = trigger;
  const year = yearOf(after);
  for (let later = 0; later < mostYears; later++) {
    for (const span of zone.spansOf(year + later)) {
      if (span.untilAt <= after + 1 || span.fromAt >= lastAt) continue;
      const found = inSpan(fields, span, after);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Tells whether an expression means any day at all, in whatever zone. */
export function everFires(fields: CronFields): boolean {
  const from = Date.UTC(2024, 0);
  return firstMatch(fields, from, from + mostYears * 366 * 86_400_000) !== undefined;
}

/** How many instants there are after `after` and up to `until`. */
export function countInstants(trigger: Trigger, zone: Zone, after: number, until: number): number {
  if (trigger.kind === "every") {
    return Math.floor(until / trigger.everyMs) - Math.floor(after / trigger.everyMs);
  }
  let count = 0;
  for (let year = yearOf(after); year <= yearOf(until); year++) {
    for (const span of zone.spansOf(year)) {
      if (span.untilAt <= after + 1 || span.fromAt > until) continue;
      const { makesUpAt, beginAt } = rules(trigger.fields, span);
      if (makesUpAt !== undefined && makesUpAt > after) count++;
      const from = Math.max(after + 1, beginAt);
      const end = Math.min(until + 1, span.untilAt);
      if (from < end) {
        count += countMatches(trigger.fields, from + span.offsetMs, end + span.offsetMs);
      }
    }
  }
  return count;
}

function inSpan(fields: CronFields, span: ZoneSpan, after: number): number | undefined {
  const { makesUpAt, beginAt } = rules(fields, span);
  if (makesUpAt !== undefined && makesUpAt > after) return makesUpAt;
  const { offsetMs, untilAt } = span;
  const from = Math.max(after + 1, beginAt);
  const local = firstMatch(fields, from + offsetMs, untilAt + offsetMs);
  return local === undefined ? undefined : local - offsetMs;
}

/** What cron(8) does about the change of the clock that a span begins with. */
function rules(
  fields: CronFields,
  { fromAt, offsetMs, beforeMs }: ZoneSpan,
): { readonly makesUpAt?: number; readonly beginAt: number } {
  const changeMs = offsetMs - beforeMs;
  if (fields.isWildcard || changeMs === 0 || Math.abs(changeMs) >= correctionMs) {
    return { beginAt: fromAt };
  }
  // What a change back repeats is over already.
  if (changeMs < 0) return { beginAt: fromAt - changeMs };
  const leftOut = firstMatch(fields, fromAt + beforeMs, fromAt + offsetMs);
  // Once for what was left out, and for what is at that very time besides.
  return leftOut === undefined ? { beginAt: fromAt } : { makesUpAt: fromAt, beginAt: fromAt + 1 };
}

function yearOf(at: number): number {
  return new Date(at).getUTCFullYear();
}
