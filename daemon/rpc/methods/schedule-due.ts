import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { findSchedule, tickView } from "../views/schedule-view.ts";

/** Deals with every instant of a schedule that has come; what systemd calls when it holds the clock. */
export const scheduleDue = define("schedule.due", async ({ name }, context) => {
  const schedule = await findSchedule(context, name);
  if (!schedule.ok) return schedule;
  const ticks = await context.timers.knock(schedule.value);
  return ticks.ok ? ok({ instants: ticks.value.map(tickView) }) : ticks;
});
