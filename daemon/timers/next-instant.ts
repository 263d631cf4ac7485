import type { CronFields, Trigger } from "../domain/schedule.ts";
import { firstMatch } from "./cron-day.ts";
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
  const year = new Date(after).getUTCFullYear();
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

function inSpan(fields: CronFields, span: ZoneSpan, after: number): number | undefined {
  const { fromAt, untilAt, offsetMs, beforeMs } = span;
  const changeMs = offsetMs - beforeMs;
  const isRuled = !fields.isWildcard && Math.abs(changeMs) < correctionMs;
  if (isRuled && changeMs > 0 && fromAt > after) {
    const leftOut = firstMatch(fields, fromAt + beforeMs, fromAt + offsetMs);
    if (leftOut !== undefined) return fromAt;
  }
  // What a change back repeats is over already.
  const repeatedMs = isRuled && changeMs < 0 ? -changeMs : 0;
  const begin = Math.max(after + 1, fromAt + repeatedMs);
  const local = firstMatch(fields, begin + offsetMs, untilAt + offsetMs);
  return local === undefined ? undefined : local - offsetMs;
}
