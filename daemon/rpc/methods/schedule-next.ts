import { ok } from "../../domain/result.ts";
import { nextInstant } from "../../timers/next-instant.ts";
import { delayOf } from "../../timers/delay.ts";
import { define } from "../context.ts";
import { findSchedule } from "../views/schedule-view.ts";

/** The instants that come next, whether or not it is enabled. */
export const scheduleNext = define("schedule.next", async ({ name, count }, context) => {
  const schedule = await findSchedule(context, name);
  if (!schedule.ok) return schedule;
  const { timing, zone } = schedule.value;
  const delayMs = delayOf(schedule.value);
  const instants: number[] = [];
  let at = nextInstant(timing.trigger, zone, context.clock.now() - delayMs);
  for (; at !== undefined && instants.length < count; at = nextInstant(timing.trigger, zone, at)) {
    instants.push(at + delayMs);
  }
  return ok({ zone: timing.zone, instants });
});
