import { failure } from "../../domain/failure.ts";
import { err, ok } from "../../domain/result.ts";
import { timerFiles } from "../../timers/other-clock/timer-text.ts";
import { define } from "../context.ts";
import { findSchedule } from "../views/schedule-view.ts";

/** A schedule as a timer of systemd with its service; `invalid-request` where its calendar has no words for it. */
export const scheduleExport = define("schedule.export", async ({ name }, context) => {
  const schedule = await findSchedule(context, name);
  if (!schedule.ok) return schedule;
  const { argv, env } = context.caller;
  const files = timerFiles(schedule.value, argv, env);
  if (files.ok) return ok({ files: files.value.map((each) => ({ ...each })) });
  const remedy = `leave its clock to blutd, or write it otherwise in ${schedule.value.file}`;
  return err(failure("invalid-request", `${name}: ${files.error}`, remedy));
});
