import { digestOf } from "../base/digest.ts";
import type { DaemonConfig } from "../config/config.ts";
import type { Failure } from "../domain/failure.ts";
import type { RunId } from "../domain/ids.ts";
import type { NoticeKind } from "../domain/notice.ts";
import type { Plan } from "../domain/plan.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { nameOfCommand } from "../planning/calibration-key.ts";
import { checkedPlan, invalidPlan } from "../planning/check-plan.ts";
import { compileCommand, type CommandRequest } from "../planning/compile-command.ts";
import { checkCommand, placeProblems } from "./command-check.ts";
import { digestOfPlan, type NewRun } from "./door.ts";

/** What is said of a run, whatever it executes. `needs` and `after` are resolved to ids. */
interface Wishes {
  readonly env: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly needs: readonly RunId[];
  readonly after: readonly RunId[];
  readonly dedupeKey?: string | undefined;
  /** What a person is told of it; absent: what the configuration says. */
  readonly notify?: readonly NoticeKind[] | undefined;
}

/** A command to queue, checked for form by the wire. */
export interface SubmitRequest extends CommandRequest, Wishes {}

/** A plan to queue, checked for form by the wire. */
export interface SubmitPlanRequest extends Wishes {
  readonly plan: Plan;
  /** Its recipe's when absent, or its first step's. */
  readonly name?: string | undefined;
  /** The first step that fails ends the rest. */
  readonly failFast: boolean;
  /** Kept from every pruning, with what it makes. */
  readonly pinned?: boolean | undefined;
}

/** Compiles a request and refuses what can be known to be wrong before anything is stored. */
export function prepareCommand(
  config: DaemonConfig,
  request: SubmitRequest,
): Result<NewRun, Failure> {
  const wrong = checkCommand(request);
  if (wrong !== undefined) return err(wrong);
  const { dedupeKey, ...body } = request;
  const plan = compileCommand(request, config);
  return ok({
    plan,
    planDigest: digestOfPlan(plan),
    name: request.name ?? nameOfCommand(request.argv),
    env: request.env,
    priority: request.priority,
    needs: request.needs,
    after: request.after,
    failFast: false,
    pinned: false,
    notify: request.notify,
    dedupeKey,
    bodyDigest: digestOf(body),
  });
}

/** Refuses a plan with everything that can be known to be wrong with it before anything is stored. */
export function preparePlan(request: SubmitPlanRequest): Result<NewRun, Failure> {
  const checked = checkedPlan(request.plan);
  if (!checked.ok) return err(invalidPlan(checked.error));
  const plan = checked.value;
  const misplaced = placeProblems(plan, request.env);
  if (misplaced.length > 0) return err(invalidPlan(misplaced));
  const { dedupeKey, pinned = false, failFast, env, priority, needs, after, notify } = request;
  const name = request.name ?? plan.recipe?.name ?? plan.steps[0].name;
  const planDigest = digestOfPlan(plan);
  const body = { planDigest, name, failFast, pinned, env, priority, needs, after, notify };
  return ok({ ...body, plan, dedupeKey, bodyDigest: digestOf(body) });
}
