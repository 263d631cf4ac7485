import { userInfo } from "node:os";
import { didYouMean } from "../../base/quoted.ts";
import { exactDuration } from "../../domain/quantity.ts";
import { failure, type Failure } from "../../domain/failure.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { MethodResult } from "../../protocol/methods.ts";
import type { TickRow } from "../../store/schedules.ts";
import type { Schedule } from "../../timers/read-schedule.ts";
import { stateOf } from "../../timers/standing.ts";
import type { RpcContext } from "../context.ts";
import { isForGroup } from "../socket-path.ts";
import { argvLine } from "./command-line.ts";

type View = MethodResult<"schedule.list">["schedules"][number];

/** A schedule with what became of its newest instants. */
export function scheduleView(
  { store, timers, config }: RpcContext,
  schedule: Schedule,
  history: number,
): View {
  const { name, file, help, timing } = schedule;
  const row = timers.row(name);
  const nextAt = timers.timetable.nextAt(schedule);
  const { trigger, zone } = timing;
  const { via, problem } = timers.timetable.holder(schedule);
  return {
    ...{ name, file, zone, failures: row.failures, work: workText(schedule) },
    when: trigger.kind === "cron" ? trigger.expression : `every ${exactDuration(trigger.everyMs)}`,
    state: stateOf(schedule, row),
    via,
    history: store.schedules.ticks(name, history).map(tickView),
    ...(help !== undefined && { help }),
    ...(nextAt !== undefined && { nextAt }),
    ...(problem !== undefined && { viaProblem: problem }),
    ...(via === "systemd" && isForGroup(config.paths.socket) && { account: userInfo().username }),
  };
}

/** An instant as the wire has it. */
export function tickView(tick: TickRow): View["history"][number] {
  const { instant, cause, state, at, runId, because, count, since } = tick;
  return {
    ...{ instant, cause, state, at },
    ...(runId !== undefined && { runId }),
    ...(because !== undefined && { because }),
    ...(count > 1 && { count, since }),
  };
}

/** The schedule of a name; `not-found` names the nearest. */
export async function findSchedule(
  { timers }: RpcContext,
  name: string,
): Promise<Result<Schedule, Failure>> {
  await timers.loaded;
  const found = timers.shelf.get(name);
  if (found !== undefined) return ok(found);
  const broken = timers.shelf.broken.find((each) => each.name === name);
  if (broken !== undefined) {
    const { file, problems } = broken;
    const remedy = `correct it: blutctl schedule check ${file}`;
    return err(failure("invalid-request", `${file} cannot be used`, remedy, { problems }));
  }
  const known = timers.shelf.schedules.map((each) => each.name);
  const message = `no schedule is called ${name}${didYouMean(name, known)}`;
  return err(failure("not-found", message, "list them: blutctl schedule list"));
}

function workText({ work }: Schedule): string {
  switch (work.kind) {
    case "command":
      return argvLine(work.argv);
    case "recipe":
      return argvLine(["recipe", work.recipe, ...work.args]);
    case "plan":
      return argvLine(["plan", work.file]);
  }
}
