import type { CatchUp, Trigger } from "../domain/schedule.ts";
import { nextInstant } from "./next-instant.ts";
import type { Zone } from "./zone.ts";

/** Later than this is missed, and it is for the schedule to say what becomes of it. */
export const missedAfterMs = 60_000;

/** Instants that are looked at together; the oldest go first out of sight. */
const mostTogether = 100;

/** What is to be done about the instants that have come. */
export interface Due {
  readonly onTime: readonly number[];
  readonly caughtUp: readonly number[];
  /** Newest of those that nobody makes up for. */
  readonly missed: readonly number[];
}

/** Divides the instants after `after` and up to `now` into those that fire and those that are missed. */
export function dueInstants(
  {
    trigger,
    zone,
    catchUp,
  }: { readonly trigger: Trigger; readonly zone: Zone; readonly catchUp: CatchUp },
  after: number,
  now: number,
): Due {
  const instants = newestBetween(trigger, zone, after, now);
  const onTime = instants.filter((instant) => now - instant <= missedAfterMs);
  const late = instants.slice(0, instants.length - onTime.length);
  const inWindow = late.filter((instant) => now - instant <= catchUp.windowMs);
  const count = { none: 0, last: onTime.length > 0 ? 0 : 1, all: catchUp.count }[catchUp.take];
  const caughtUp = count === 0 ? [] : inWindow.slice(-count);
  return { onTime, caughtUp, missed: late.filter((instant) => !caughtUp.includes(instant)) };
}

/** Looks back further and further, so that a week of missed seconds costs no more than a few. */
function newestBetween(trigger: Trigger, zone: Zone, after: number, now: number): number[] {
  for (let backMs = 2 * missedAfterMs; ; backMs *= 2) {
    const from = Math.max(after, now - backMs);
    const found: number[] = [];
    let at = nextInstant(trigger, zone, from);
    for (; at !== undefined && at <= now; at = nextInstant(trigger, zone, at)) found.push(at);
    if (from === after || found.length >= mostTogether) return found.slice(-mostTogether);
  }
}
