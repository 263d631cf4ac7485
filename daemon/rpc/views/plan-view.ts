import { footprintOf, type ExceedsHost } from "../../broker/estimate.ts";
import { forecast, type PlannedStep } from "../../broker/forecast.ts";
import { limitSentence } from "../../broker/sentences.ts";
import { exceedsSentence } from "../../domain/end-words.ts";
import type { CacheVerdict } from "../../domain/artifact.ts";
import type { Footprint } from "../../domain/footprint.ts";
import { graphOf } from "../../domain/plan-graph.ts";
import type { Plan, Step } from "../../domain/plan.ts";
import type { Result } from "../../domain/result.ts";
import type { MethodResult } from "../../protocol/methods.ts";
import type { RpcContext } from "../context.ts";
import { argvLine } from "./command-line.ts";

type PlanAnswer = MethodResult<"recipe.plan">;
type ShownStep = PlanAnswer["steps"][number];

/** What a plan would do on this box now: what is there already, what the rest takes, and whether it fits. */
export async function planView(
  context: RpcContext,
  plan: Plan,
  limit: number,
): Promise<PlanAnswer> {
  const verdicts = await context.verdicts(plan);
  const verdictOf = ({ name }: Step): CacheVerdict => verdicts.get(name) ?? { kind: "never" };
  const footprints = footprintsOf(context, plan);
  const steps = inOrder(plan);
  const cache = { hit: 0, miss: 0, unknown: 0, never: 0 };
  for (const step of steps) cache[verdictOf(step).kind] += 1;
  const shown = steps.slice(0, limit).map((step) => stepView(step, verdictOf(step), footprints));
  const work = steps.filter((step) => verdictOf(step).kind !== "hit");
  return {
    ...(plan.recipe !== undefined && { recipe: originView(plan.recipe) }),
    steps: shown,
    left: steps.length - shown.length,
    cache,
    ...packing(context, plan, work, footprints),
  };
}

function originView({ name, file, points, fingerprint }: NonNullable<Plan["recipe"]>) {
  return { name, file, points: Object.keys(points).length, fingerprint };
}

type Footprints = ReadonlyMap<Step, Result<Footprint, ExceedsHost>>;

/** What each step would get if it started now. */
function footprintsOf({ store, config, broker }: RpcContext, plan: Plan): Footprints {
  const attainable = broker.attainable();
  const { budgetBytes } = broker.status().memory;
  const questions = new Map<string, Result<Footprint, ExceedsHost>>();
  return new Map(
    plan.steps.map((step) => {
      const { memory: ask, calibrationKey } = step;
      const question = JSON.stringify([ask, calibrationKey]);
      const known = questions.get(question);
      if (known !== undefined) return [step, known];
      const history = store.calibrations.get(calibrationKey);
      const policy = config.memory;
      const answer = footprintOf({ ask, history, policy, budgetBytes, attainable });
      questions.set(question, answer);
      return [step, answer];
    }),
  );
}

function stepView(step: Step, cache: CacheVerdict, footprints: Footprints): ShownStep {
  const footprint = footprints.get(step);
  if (footprint === undefined) throw new Error(`no footprint of ${step.name}`);
  const { claims, output, map } = step;
  return {
    name: step.name,
    needs: [...step.needs],
    command: argvLine(step.argv),
    cwd: step.cwd,
    args: step.args as ShownStep["args"],
    ...(output !== undefined && { output: output.kind }),
    ...(map !== undefined && { map }),
    cache: cache as ShownStep["cache"],
    footprint: footprint.ok ? given(footprint.value) : refused(footprint.error),
    claims: { ...claims, locks: [...claims.locks] },
  };
}

function given({ limitBytes, origin }: Footprint) {
  return { limitBytes, origin, sentence: limitSentence(origin, limitBytes) };
}

function refused({ neededBytes, ceilingBytes }: ExceedsHost) {
  return { neededBytes, ceilingBytes, sentence: exceedsSentence(neededBytes, ceilingBytes) };
}

function packing(
  { broker }: RpcContext,
  plan: Plan,
  work: readonly Step[],
  footprints: Footprints,
): Pick<PlanAnswer, "memory" | "fits" | "never"> {
  const { weights } = graphOf(plan);
  const planned: PlannedStep[] = [];
  const never: { step: string; sentence: string }[] = [];
  for (const step of work) {
    const { name, needs, claims } = step;
    const footprint = footprints.get(step);
    if (footprint?.ok === false)
      never.push({ step: name, sentence: refused(footprint.error).sentence });
    const limitBytes = footprint?.ok === true ? footprint.value.limitBytes : 0;
    planned.push({ name, needs, claims, limitBytes, weight: weights.get(name) ?? 1 });
  }
  const { budgetBytes, cpusTotal, gpus, pools } = broker.snapshot();
  const box = { budgetBytes, cpusTotal, gpus, pools };
  const packed = forecast(planned, box);
  const unbound = forecast(planned, { ...box, budgetBytes: Infinity });
  never.push(...packed.never.map(({ step, wait }) => ({ step, sentence: wait.message })));
  const { peakBytes, atOnce: stepsAtOnce } = packed;
  return {
    memory: { budgetBytes, peakBytes, wantedBytes: unbound.peakBytes, stepsAtOnce },
    fits: never.length === 0,
    never,
  };
}

/** Each step after those that it needs, the longest way first, so that a chain stays together. */
function inOrder(plan: Plan): Step[] {
  const { steps, needs, dependents } = graphOf(plan);
  const left = new Map([...needs].map(([name, all]) => [name, all.length]));
  const open = plan.steps.filter(({ name }) => left.get(name) === 0).reverse();
  const order: Step[] = [];
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    order.push(step);
    for (const { step: next } of (dependents.get(step.name) ?? []).toReversed()) {
      const rest = (left.get(next) ?? 1) - 1;
      left.set(next, rest);
      const opened = rest === 0 ? steps.get(next) : undefined;
      if (opened !== undefined) open.push(opened);
    }
  }
  return order;
}
