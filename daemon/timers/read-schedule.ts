import path from "node:path";
import { schemaProblems } from "../base/schema-problems.ts";
import type { NoticeKind } from "../domain/notice.ts";
import type { Problem } from "../domain/problem.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { ClockHolder, Timing, Trigger } from "../domain/schedule.ts";
import { placing, type ProblemAt } from "../planning/recipe/problem-at.ts";
import { inTextOrder, readToml } from "../planning/recipe/read-recipe.ts";
import { parseCron } from "./cron.ts";
import { ofCommands, scheduleFile, type ScheduleFile } from "./schedule-schema.ts";
import { Zone } from "./zone.ts";

/** What a schedule starts. Paths are absolute. */
export type Work =
  | { readonly kind: "command"; readonly argv: readonly [string, ...string[]] }
  | { readonly kind: "recipe"; readonly recipe: string; readonly args: readonly string[] }
  | { readonly kind: "plan"; readonly file: string };

/** A schedule as its file has it, checked. */
export interface Schedule {
  readonly name: string;
  readonly file: string;
  readonly help?: string;
  readonly enabled: boolean;
  /** Who holds its clock. */
  readonly via: ClockHolder;
  /** What a person is told of its runs; blut.toml decides when absent. */
  readonly notify?: readonly NoticeKind[];
  readonly timing: Timing;
  readonly zone: Zone;
  readonly work: Work;
  /** Where it runs unless a recipe says otherwise. */
  readonly cwd: string;
  readonly run: ScheduleFile["run"];
}

/** Reads a schedule file, with every problem at once, in the order of the text. */
export function readSchedule(text: string, file: string): Result<Schedule, readonly Problem[]> {
  const name = path.basename(file, ".toml");
  const toml = readToml(text);
  if (!toml.ok) return err([toml.error]);
  const problemAt = placing(text);
  const parsed = scheduleFile.safeParse(toml.value);
  if (!parsed.success) {
    const about = { schema: scheduleFile, input: toml.value, noun: "key" };
    const found = parsed.error.issues.flatMap((issue) => schemaProblems(about, issue));
    const problems = found.map((each) => problemAt(each.path, each.message));
    const { cron, zone } = toml.value;
    const written = { cron: textIn(cron), zone: textIn(zone) };
    return err(inTextOrder([...problems, ...clockProblems(written, name, problemAt)]));
  }
  const problems: Problem[] = [];
  const schedule = build({ written: parsed.data, name, file, problemAt, problems });
  if (schedule === undefined || problems.length > 0) return err(inTextOrder(problems));
  return ok(schedule);
}

/** What is wrong with words that are looked at even where the rest of the file makes no sense. */
function clockProblems(
  { cron, zone }: { readonly cron: string | undefined; readonly zone: string | undefined },
  name: string,
  problemAt: ProblemAt,
): Problem[] {
  const fields = cron === undefined ? undefined : parseCron(cron, name);
  return [
    ...(fields?.ok === false ? [problemAt(["cron"], fields.error)] : []),
    ...(zone !== undefined && Zone.named(zone) === undefined
      ? [problemAt(["zone"], "no such time zone is known")]
      : []),
  ];
}

function textIn(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

interface Reading {
  readonly written: ScheduleFile;
  readonly name: string;
  readonly file: string;
  readonly problemAt: ProblemAt;
  readonly problems: Problem[];
}

function build(reading: Reading): Schedule | undefined {
  const { written, name, file, problemAt, problems } = reading;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name) || ["last", "all"].includes(name)) {
    problems.push(
      problemAt(
        [],
        `${name} cannot be the name of a schedule: call the file otherwise, by letters, digits, '.', '_' and '-', and not last or all`,
      ),
    );
  }
  const trigger = triggerOf(reading);
  const work = workOf(reading);
  const zoneName = written.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zone = Zone.named(zoneName);
  if (zone === undefined) problems.push(problemAt(["zone"], "no such time zone is known"));
  if (trigger === undefined || work === undefined || zone === undefined) return undefined;
  const { help, run, enabled, via, notify } = written;
  return {
    ...{ name, file, enabled, via, zone, work, run },
    cwd: path.resolve(path.dirname(file), run.cwd ?? "."),
    timing: timingOf(written, trigger, zoneName),
    ...(help !== undefined && { help }),
    ...(notify !== undefined && { notify: notify === false ? [] : notify }),
  };
}

function timingOf(written: ScheduleFile, trigger: Trigger, zone: string): Timing {
  const { take, window: windowMs, count } = written["catch-up"];
  const { retries, "retry-after": retryAfterMs, "pause-after": pauseAfter } = written["on-failure"];
  const startWithinMs = written["start-within"];
  return {
    ...{ trigger, zone, jitterMs: written.jitter, overlap: written.overlap },
    catchUp: { take, windowMs, count },
    ...(startWithinMs !== undefined && { startWithinMs }),
    onFailure: {
      retries,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(pauseAfter !== undefined && { pauseAfter }),
    },
  };
}

function triggerOf({ written, name, problemAt, problems }: Reading): Trigger | undefined {
  const { cron, every: everyMs } = written;
  if ((cron === undefined) === (everyMs === undefined)) {
    problems.push(problemAt([], "expected either cron or every"));
    return undefined;
  }
  if (everyMs !== undefined) return { kind: "every", everyMs };
  const fields = parseCron(cron ?? "", name);
  if (fields.ok) return { kind: "cron", expression: cron ?? "", fields: fields.value };
  problems.push(problemAt(["cron"], fields.error));
  return undefined;
}

function workOf({ written, file, problemAt, problems }: Reading): Work | undefined {
  const { command, recipe, plan, args } = written;
  if ([command, recipe, plan].filter((each) => each !== undefined).length !== 1) {
    problems.push(problemAt([], "expected one of command, recipe and plan"));
    return undefined;
  }
  if (args.length > 0 && recipe === undefined) {
    problems.push(problemAt(["args"], "only a recipe takes arguments by name"));
  }
  if (command !== undefined) {
    const { memory = 0, "memory-max": most = memory } = written.run;
    if (memory > most) problems.push(problemAt(["run", "memory"], "is above run.memory-max"));
    return { kind: "command", argv: command };
  }
  for (const key of ofCommands) {
    if (written.run[key] === undefined) continue;
    problems.push(problemAt(["run", key], "only of a command; here the steps say it themselves"));
  }
  const directory = path.dirname(file);
  if (plan !== undefined) return { kind: "plan", file: path.resolve(directory, plan) };
  const named = recipe ?? "";
  const isFile = named.includes("/") || /\.(?:toml|ts(?:#.*)?)$/.test(named);
  return { kind: "recipe", recipe: isFile ? path.resolve(directory, named) : named, args };
}
