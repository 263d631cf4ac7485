import { ok } from "../../domain/result.ts";
import { readSchedule, type Schedule } from "../../timers/read-schedule.ts";
import { workProblems } from "../../timers/start-work.ts";
import { define, type RpcContext } from "../context.ts";

/** Everything that is wrong with a schedule file, or with those that are in force. */
export const scheduleCheck = define("schedule.check", async ({ file, text }, context) => {
  if (file === undefined || text === undefined) return ok({ files: await checkAll(context) });
  const read = readSchedule(text, file);
  const problems = read.ok ? await problemsOf(context, read.value) : [...read.error];
  return ok({ files: [{ file, problems }] });
});

async function checkAll(context: RpcContext) {
  const { timers } = context;
  await timers.loaded;
  const { schedules, broken } = timers.shelf;
  const bad = new Set(broken.map((each) => each.file));
  const files = broken.map(({ file, problems }) => ({ file, problems: [...problems] }));
  for (const each of schedules) {
    if (bad.has(each.file)) continue;
    files.push({ file: each.file, problems: await problemsOf(context, each) });
  }
  return files;
}

function problemsOf({ recipes, clock }: RpcContext, schedule: Schedule) {
  return workProblems(recipes, schedule, clock.now());
}
