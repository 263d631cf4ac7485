import { ok } from "../../domain/result.ts";
import { readSchedule } from "../../timers/read-schedule.ts";
import { define } from "../context.ts";

/** Everything that is wrong with a schedule file, or with those that are in force. */
export const scheduleCheck = define("schedule.check", async ({ file, text }, { timers }) => {
  if (file === undefined || text === undefined) {
    await timers.loaded;
    const { schedules, broken } = timers.shelf;
    const bad = new Set(broken.map((each) => each.file));
    const good = schedules.filter((each) => !bad.has(each.file));
    return ok({
      files: [
        ...broken.map((each) => ({ file: each.file, problems: [...each.problems] })),
        ...good.map((each) => ({ file: each.file, problems: [] })),
      ],
    });
  }
  const read = readSchedule(text, file);
  return ok({ files: [{ file, problems: read.ok ? [] : [...read.error] }] });
});
