import { failure } from "../../domain/failure.ts";
import { err, ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { findSchedule, tickView } from "../views/schedule-view.ts";

/** Fires a schedule by hand, by its own rules for overlaps; `wrong-state` when they leave it out. */
export const scheduleFire = define("schedule.fire", async ({ name }, context) => {
  const schedule = await findSchedule(context, name);
  if (!schedule.ok) return schedule;
  const tick = await context.timers.fire(schedule.value);
  if (!tick.ok) return tick;
  const { runId, state, because = "" } = tick.value;
  if (runId !== undefined) return ok({ ...tickView(tick.value), runId });
  const remedy = `see what goes on: blutctl schedule show ${name}`;
  return err(failure("wrong-state", `${name} was ${state}: ${because}`, remedy));
});
