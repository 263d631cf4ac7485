import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { findSchedule, scheduleView } from "../views/schedule-view.ts";

/** A person's word over the file's. */
export const scheduleDisable = define("schedule.disable", async ({ name }, context) => {
  const schedule = await findSchedule(context, name);
  if (!schedule.ok) return schedule;
  const written = await context.timers.setEnabled(schedule.value, false);
  return written.ok ? ok(scheduleView(context, schedule.value, 1)) : written;
});
