import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { findSchedule, scheduleView } from "../views/schedule-view.ts";

/** One schedule, its rules and what became of its instants. */
export const scheduleGet = define("schedule.get", async ({ name, history }, context) => {
  const schedule = await findSchedule(context, name);
  if (!schedule.ok) return schedule;
  const { jitterMs, overlap, catchUp, startWithinMs, onFailure } = schedule.value.timing;
  const rules = { jitterMs, overlap, catchUp, onFailure };
  const { notify } = schedule.value;
  const late = {
    ...(startWithinMs !== undefined && { startWithinMs }),
    ...(notify !== undefined && { notify: [...notify] }),
  };
  const broken = context.timers.shelf.broken.find((each) => each.name === name);
  const problems = [...(broken?.problems ?? [])];
  return ok({ ...scheduleView(context, schedule.value, history), ...rules, ...late, problems });
});
