import { limitSentence } from "../../broker/sentences.ts";
import { exceedsSentence } from "../../domain/end-words.ts";
import { isOfMany, type Step } from "../../domain/plan.ts";
import type { MethodResult } from "../../protocol/methods.ts";
import type { AttemptRow } from "../../store/attempts.ts";
import type { RunRow } from "../../store/runs.ts";
import type { RpcContext } from "../context.ts";
import { planOf, standingOf } from "./run-view.ts";
import { tellingStep } from "./telling-step.ts";

type Explanation = MethodResult<"run.explain">;

/** Where the limit of a run's step comes from, what it waits for and who holds what it waits for. */
export function explain(context: RpcContext, run: RunRow, asked?: string): Explanation {
  const { store, scheduler, broker } = context;
  const step = store.runs.step(run.id, asked ?? stepInQuestion(context, run));
  const plan = planOf(context, run.id);
  const newest = store.attempts.newestOf(run.id, step.name);
  const wait = scheduler.waitOf(run.id, step.name);
  const ready = store.ready.get(run.id, step.name);
  const known = store.calibrations.get(step.calibrationKey);
  const { budgetBytes, reservedBytes, availableBytes, reserveBytes } = broker.status().memory;
  return {
    id: run.id,
    state: run.state,
    sentence: standingOf(context, run),
    ...(isOfMany(plan) && { step: step.name }),
    limit: limitOf(context, run, step, newest),
    calibration: {
      key: step.calibrationKey,
      ...(known?.cleanPeak && { cleanPeak: known.cleanPeak }),
      ...(known?.killedAt && { killedAt: known.killedAt }),
      ...(known?.pinned && { pinned: known.pinned }),
    },
    ...(wait !== undefined && { wait }),
    ...(ready !== undefined && { ahead: store.ready.aheadOf(ready) }),
    budget: { totalBytes: budgetBytes, reservedBytes, availableBytes, reserveBytes },
    holders: holdersOf(context),
  };
}

/** One that waits, where nothing runs; else the one that tells most of the run. */
function stepInQuestion(context: RpcContext, run: RunRow): string {
  const { attempts, steps } = context.store;
  const isStill = attempts.newestLiveOf(run.id) === undefined;
  const [pending] = isStill ? steps.pending(run.id, 1) : [];
  return pending ?? tellingStep(context.store, run) ?? planOf(context, run.id).steps[0].name;
}

/** The limit of the live attempt, or what the next one would get, or what the last one had. */
function limitOf(
  { scheduler, store }: RpcContext,
  run: RunRow,
  step: Step,
  newest: AttemptRow | undefined,
): Explanation["limit"] {
  const isOver = store.steps.get(run.id, step.name)?.endedAt !== undefined;
  if (newest !== undefined && (newest.state !== "ended" || isOver)) {
    const { limitBytes, limitOrigin } = newest;
    return {
      bytes: limitBytes,
      origin: limitOrigin,
      sentence: limitSentence(limitOrigin, limitBytes),
    };
  }
  const next = scheduler.footprintOf(run.id, step.name);
  if (next === undefined) throw new Error(`run ${run.id} has no step ${step.name}`);
  if (next.ok) {
    const { limitBytes, origin } = next.value;
    return { bytes: limitBytes, origin, sentence: limitSentence(origin, limitBytes) };
  }
  const { neededBytes, ceilingBytes } = next.error;
  return {
    bytes: ceilingBytes,
    origin: { kind: "default" },
    sentence: exceedsSentence(neededBytes, ceilingBytes),
  };
}

/** Who holds the budget now, the largest first. */
function holdersOf({ broker, store, scheduler }: RpcContext): Explanation["holders"] {
  return broker.ledger
    .all()
    .flatMap(({ attemptId, memoryBytes }) => {
      const runId = store.attempts.get(attemptId)?.runId;
      const run = runId === undefined ? undefined : store.runs.get(runId);
      if (run === undefined) return [];
      const usage = scheduler.usageOf(attemptId);
      return [
        {
          runId: run.id,
          name: run.name,
          limitBytes: memoryBytes,
          ...(usage !== undefined && { usedBytes: usage.needBytes }),
        },
      ];
    })
    .sort((a, b) => b.limitBytes - a.limitBytes);
}
