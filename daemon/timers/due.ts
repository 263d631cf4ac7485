import type { CatchUp, Trigger } from "../domain/schedule.ts";
import { countInstants, nextInstant } from "./next-instant.ts";
import type { Zone } from "./zone.ts";

/** Later than this is missed, and it is for the schedule to say what becomes of it. */
export const missedAfterMs = 60_000;

/** As many as there are seconds in that, both ends included. */
const mostOnTime = missedAfterMs / 1000 + 1;

/** Instants that are looked at one by one, the newest of them: more than are on time or made up for. */
const mostTogether = 200;

/** Instants that nobody makes up for, all in a row. */
export interface Missed {
  readonly since: number;
  readonly until: number;
  readonly count: number;
}

/** What is to be done about the instants that have come. */
export interface Due {
  readonly onTime: readonly number[];
  readonly caughtUp: readonly number[];
  readonly missed?: Missed;
}

/** What instants come from, and what is made up for. */
export interface Rule {
  readonly trigger: Trigger;
  readonly zone: Zone;
  readonly catchUp: CatchUp;
}

/**
 * Divides the instants after `after` and up to `now` into those that fire and those that are missed; one
 * that comes `spanMs` late may just have been put off.
 */
export function dueInstants(rule: Rule, after: number, now: number, spanMs = 0): Due {
  const { catchUp } = rule;
  const { instants, count } = newestBetween(rule, after, now);
  const inTime = instants.filter((instant) => now - instant <= missedAfterMs + spanMs);
  const onTime = inTime.slice(-mostOnTime);
  const late = instants.slice(0, instants.length - onTime.length);
  const inWindow = late.filter((instant) => now - instant <= catchUp.windowMs);
  const most = { none: 0, last: onTime.length > 0 ? 0 : 1, all: catchUp.count }[catchUp.take];
  const caughtUp = most === 0 ? [] : inWindow.slice(-most);
  const since = nextInstant(rule.trigger, rule.zone, after);
  const until = late.at(-caughtUp.length - 1);
  if (since === undefined || until === undefined) return { onTime, caughtUp };
  const missed = { since, until, count: count - onTime.length - caughtUp.length };
  return { onTime, caughtUp, missed };
}

/** How many there are, and the newest of them, oldest first. */
function newestBetween(
  { trigger, zone }: Rule,
  after: number,
  now: number,
): { readonly instants: readonly number[]; readonly count: number } {
  const first = instantsBetween({ trigger, zone }, after, now);
  if (first.length <= mostTogether) return { instants: first, count: first.length };
  const count = countInstants(trigger, zone, after, now);
  // Back further and further, so that a week of missed seconds costs no more than a few.
  for (let backMs = 2 * missedAfterMs; ; backMs *= 2) {
    const from = Math.max(after, now - backMs);
    const found = instantsBetween({ trigger, zone }, from, now, Infinity);
    if (found.length >= mostTogether) return { instants: found.slice(-mostTogether), count };
  }
}

/** In order, and a few more than are looked at before it stops. */
function instantsBetween(
  { trigger, zone }: Omit<Rule, "catchUp">,
  after: number,
  now: number,
  most = mostTogether,
): number[] {
  const found: number[] = [];
  let at = nextInstant(trigger, zone, after);
  for (; at !== undefined && at <= now; at = nextInstant(trigger, zone, at)) {
    found.push(at);
    if (found.length > most) break;
  }
  return found;
}
