import { setImmediate } from "node:timers/promises";
import type { Failure } from "../domain/failure.ts";
import { ok, type Result } from "../domain/result.ts";
import type { RetentionPolicy } from "../config/config.ts";
import type { Store } from "../store/store.ts";
import type { Books } from "./weighing.ts";

/** Events that are looked at in one turn of the event loop, and that one change drops. */
const eventsAtOnce = 500;

/** Number of the newest event that goes, and how many go; the newest of all never does. */
export interface EventCut {
  readonly upTo: number;
  readonly count: number;
}

/** Which events go by age and size. Their number is held by the event log itself. */
export async function eventCut(
  store: Store,
  { ageMs, bytes }: RetentionPolicy["events"],
  now: number,
): Promise<EventCut> {
  const { first, last } = store.events.bounds();
  const byAge = await lastOlder(store, now - ageMs);
  const bySize = await lastBeyond(store, bytes);
  const upTo = Math.min(Math.max(byAge, bySize), last - 1);
  return { upTo, count: Math.max(0, upTo - first + 1) };
}

/** Drops them, a few at a time. */
export async function dropEvents(
  { store, write }: Books,
  { upTo, count }: EventCut,
): Promise<Result<void, Failure>> {
  const first = upTo - count + 1;
  for (let from = first; from <= upTo; from += eventsAtOnce) {
    const to = Math.min(upTo, from + eventsAtOnce - 1);
    const dropped = await write(() => ok(store.events.dropUpTo(to)));
    if (!dropped.ok) return dropped;
  }
  return ok(undefined);
}

/**
 * The last event before the first that is not older than this. Events go from the front: one that a wrong clock
 * dated far back goes with those around it, one that it dated ahead keeps what came after it until its day.
 */
async function lastOlder({ events }: Store, cutoffAt: number): Promise<number> {
  let last = 0;
  for (;;) {
    const page = events.timesAfter(last, eventsAtOnce);
    for (const { seq, at } of page) {
      if (at >= cutoffAt) return last;
      last = seq;
    }
    if (page.length === 0) return last;
    await setImmediate();
  }
}

/** The newest event that is too much; 0 when all have room. */
async function lastBeyond({ events }: Store, bytes: number): Promise<number> {
  if (bytes === Infinity) return 0;
  let left = bytes;
  let before = events.bounds().last + 1;
  for (;;) {
    const page = events.sizesBefore(before, eventsAtOnce);
    for (const event of page) {
      left -= event.bytes;
      if (left < 0) return event.seq;
      before = event.seq;
    }
    if (page.length === 0) return 0;
    await setImmediate();
  }
}
