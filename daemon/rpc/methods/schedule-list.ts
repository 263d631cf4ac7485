import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { scheduleView } from "../views/schedule-view.ts";

/** Instants that make the strip of a list. */
const strip = 10;

/** Every schedule, and the files that cannot be used. */
export const scheduleList = define("schedule.list", async (_params, context) => {
  await context.timers.loaded;
  const { directory, schedules, broken } = context.timers.shelf;
  return ok({
    ...(directory !== undefined && { directory }),
    schedules: schedules.map((each) => scheduleView(context, each, strip)),
    broken: broken.map(({ name, file, problems }) => ({ name, file, problems: [...problems] })),
  });
});
