import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { findSchedule, scheduleView } from "../views/schedule-view.ts";

/** A person's word over the file's; it ends a pause, too. */
export const scheduleEnable = define("schedule.enable", async ({ name, via }, context) => {
  const schedule = await findSchedule(context, name);
  if (!schedule.ok) return schedule;
  const written = await context.timers.setEnabled(schedule.value, true, via);
  return written.ok ? ok(scheduleView(context, schedule.value, 1)) : written;
});
