import { readFile, stat } from "node:fs/promises";
import { errorCode } from "../base/system-error.ts";
import { failure, type Failure } from "../domain/failure.ts";
import type { RunId } from "../domain/ids.ts";
import type { Plan } from "../domain/plan.ts";
import type { Problem } from "../domain/problem.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { ScheduleVariable } from "../domain/stage-variables.ts";
import { usualEnvironment } from "../domain/usual-environment.ts";
import { compileRecipe } from "../planning/compile/compile-recipe.ts";
import type { RecipeBook } from "../planning/recipe/book.ts";
import { invalidRecipe } from "../planning/recipe/invalid-recipe.ts";
import { planSpec } from "../protocol/schemas/plan.ts";
import type { Alongside, Scheduler, Submitted } from "../scheduler/scheduler.ts";
import type { Schedule } from "./read-schedule.ts";

/** What a schedule's work enters the queue by. */
export interface WorkDoor {
  readonly scheduler: Scheduler;
  readonly recipes: RecipeBook;
}

/** One firing of a schedule. */
export interface Firing {
  readonly instant: number;
  /** Runs that must have ended first. */
  readonly after: readonly RunId[];
  readonly alongside: Alongside;
}

/** Far more than a plan takes. */
const largestPlanBytes = 64 * 1024 ** 2;

/** Submits what a schedule starts, as anybody else would. */
export async function startWork(
  door: WorkDoor,
  schedule: Schedule,
  firing: Firing,
): Promise<Result<Submitted, Failure>> {
  const { work, run, cwd, name, notify } = schedule;
  const env = environmentOf(schedule, firing.instant);
  const { priority } = run;
  const wishes = { name, env, priority, needs: [], after: firing.after, notify };
  if (work.kind === "command") {
    const request = { ...wishes, ...commandOptions(schedule), argv: work.argv, cwd };
    return door.scheduler.submit(request, firing.alongside);
  }
  const plan = await planOf(door.recipes, work, { cwd, env });
  if (!plan.ok) return plan;
  const { "fail-fast": failFast, pinned } = run;
  const request = { ...wishes, plan: plan.value, failFast, pinned };
  return door.scheduler.submitPlan(request, firing.alongside);
}

/** What would keep a schedule's work from being submitted, as far as its recipe or its plan tells. */
export async function workProblems(
  recipes: RecipeBook,
  schedule: Schedule,
  now: number,
): Promise<Problem[]> {
  const { work, cwd } = schedule;
  if (work.kind === "command") return [];
  const plan = await planOf(recipes, work, { cwd, env: environmentOf(schedule, now) });
  return plan.ok ? [] : [{ field: work.kind, message: plan.error.message }];
}

function planOf(
  recipes: RecipeBook,
  work: Exclude<Schedule["work"], { kind: "command" }>,
  from: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<Result<Plan, Failure>> {
  return work.kind === "plan" ? readPlan(work.file) : compile(recipes, work, from);
}

function environmentOf(schedule: Schedule, instant: number): Record<string, string> {
  const told: Record<ScheduleVariable, string> = {
    BLUT_SCHEDULE: schedule.name,
    BLUT_SCHEDULED_AT: new Date(instant).toISOString(),
  };
  // The rest is for the file to say.
  return { ...usualEnvironment(process.env), PWD: schedule.cwd, ...told, ...schedule.run.env };
}

function commandOptions({ run }: Schedule) {
  return {
    memory: { firstBytes: run.memory, ceilingBytes: run["memory-max"] },
    cpus: run.cpus,
    gpus: run.gpus,
    vramBytes: run.vram,
    pools: run.pools ?? {},
    locks: run.locks ?? [],
    timeoutMs: run.timeout,
    softTimeoutMs: run["soft-timeout"],
    retries: run.retries,
    oomRetries: run["oom-retries"],
  };
}

async function compile(
  recipes: RecipeBook,
  work: Extract<Schedule["work"], { kind: "recipe" }>,
  from: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<Result<Plan, Failure>> {
  const isFile = work.recipe.includes("/");
  const recipe = await recipes.open(isFile ? { file: work.recipe } : { name: work.recipe });
  if (!recipe.ok) return recipe;
  const request = { ...from, overrides: work.args, config: undefined };
  const plan = await compileRecipe(recipe.value, request);
  return plan.ok ? plan : err(invalidRecipe(recipe.value.file, plan.error));
}

async function readPlan(file: string): Promise<Result<Plan, Failure>> {
  const refuse = (why: string) =>
    err(failure("invalid-plan", `${file}: ${why}`, `look at it: blutctl plan inspect ${file}`));
  let json: unknown;
  try {
    const facts = await stat(file);
    if (!facts.isFile() || facts.size > largestPlanBytes)
      return refuse("not a file of 64 MiB or less");
    json = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return refuse("it is not JSON");
    const code = errorCode(error);
    if (code === undefined) throw error;
    return refuse(`it cannot be read: ${code}`);
  }
  const plan = planSpec.safeParse(json);
  if (plan.success) return ok(plan.data);
  const [issue] = plan.error.issues;
  return refuse(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "it is no plan"}`);
}
