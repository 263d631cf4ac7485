import type { ClockHolder } from "../domain/schedule.ts";
import type { ScheduleRow, TickRow } from "../store/schedules.ts";
import { delayOf } from "./delay.ts";
import { nextInstant } from "./next-instant.ts";
import type { Schedule } from "./read-schedule.ts";

/** Whether a schedule fires: its file or a person may say no, and so may failures in a row. */
export type ScheduleState = "on" | "off" | "paused";

/** Whether it fires, by what is known of it. */
export function stateOf(schedule: Schedule, row: ScheduleRow): ScheduleState {
  if (!(row.enabled ?? schedule.enabled)) return "off";
  return row.pausedAt === undefined ? "on" : "paused";
}

/** Who is to hold its clock: a person's word goes over the file's. */
export function holderOf(schedule: Schedule, row: ScheduleRow): ClockHolder {
  return row.via ?? schedule.via;
}

/** When it is due next, each instant being put off by so much; undefined when it never is again. */
export function dueAt(schedule: Schedule, row: ScheduleRow, delayMs: number): number | undefined {
  const { timing, zone } = schedule;
  const next = nextInstant(timing.trigger, zone, row.handledAt);
  const at = Math.min((next ?? Infinity) + delayMs, row.retryAt ?? Infinity);
  return at < Infinity ? at : undefined;
}

/**
 * Until when the run of an instant may start; undefined where its schedule sets no limit. What came in time
 * counts from then, whoever put it off and by how much; what is made up for is as late as it is.
 */
export function latestStartOf(
  schedule: Schedule,
  { instant, cause, at }: Pick<TickRow, "instant" | "cause" | "at">,
): number | undefined {
  const { startWithinMs } = schedule.timing;
  if (startWithinMs === undefined) return undefined;
  return (cause === "catch-up" ? instant + delayOf(schedule) : at) + startWithinMs;
}
