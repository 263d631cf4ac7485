import type { Clock } from "../base/clock.ts";
import type { AttemptId } from "../domain/ids.ts";
import type { LineageRead, Origin, StepFacts, TryFacts } from "../domain/lineage.ts";
import type { StepPlace } from "../domain/run.ts";
import type { Step } from "../domain/plan.ts";
import { wordText } from "../domain/word.ts";
import type { AttemptRow } from "../store/attempts.ts";
import type { Store } from "../store/store.ts";
import { withoutSecrets } from "./safe-environment.ts";

/** What recording needs; both functions here run inside one `store.write`. */
export interface LineageBooks {
  readonly store: Store;
  readonly clock: Clock;
}

/** A result as the one who settles it knows it. */
export interface StepResult {
  readonly artifact: string;
  readonly kind: string;
  /** The cache key; empty for a step that has none. */
  readonly key: string;
  /** Digest of the step's code, where it was made. */
  readonly code?: string;
  /** The attempt that wrote it, or the run whose result stood in for one; neither for a gathered list. */
  readonly attemptId?: AttemptId;
  readonly cachedFrom?: string;
  /** Of the attempt that wrote it; see {@link Origins}. */
  readonly origin?: Origin | undefined;
  /** Last value of each metric. */
  readonly metrics?: Readonly<Record<string, number | string>>;
}

/** Puts on record what a step was given; what was recorded of the same step before goes. */
export function recordReads(
  { store }: LineageBooks,
  place: StepPlace,
  reads: readonly LineageRead[],
): void {
  store.lineage.replaceReads(place, reads);
}

/**
 * Puts on record what a step left, with all that is known of how: its attempts as they stand in the books
 * now, so it is called after the last one's end is there.
 */
export function recordWrite(
  { store, clock }: LineageBooks,
  place: StepPlace,
  step: Step,
  result: StepResult,
): void {
  const { artifact, kind, key, attemptId, cachedFrom } = result;
  store.lineage.putWrite(place, {
    artifact,
    kind,
    key,
    ...(attemptId !== undefined && { attemptId }),
    ...(cachedFrom !== undefined && { cachedFrom }),
    at: clock.now(),
    facts: factsOf(step, result, attemptId === undefined ? [] : triesOf(store, place)),
  });
}

function factsOf(step: Step, result: StepResult, attempts: readonly TryFacts[]): StepFacts {
  const { origin, code, metrics = {} } = result;
  return {
    stage: step.stage,
    command: step.argv.map(wordText).join(" "),
    cwd: step.cwd,
    args: step.args,
    ...(code !== undefined && { code }),
    env: withoutSecrets(step.env),
    ...origin,
    attempts,
    metrics,
  };
}

/** The attempts at a step as its lineage remembers them, in order. */
export function triesOf(store: Store, { runId, step }: StepPlace): TryFacts[] {
  return store.attempts.ofStep(runId, step).map(tryOf);
}

function tryOf(attempt: AttemptRow): TryFacts {
  const { id, outcome, limitBytes, limitOrigin, peaks, startedAt, endedAt } = attempt;
  return {
    attemptId: id,
    limitBytes,
    limitOrigin,
    ...(outcome !== undefined && { outcome }),
    ...(peaks !== undefined && { peaks }),
    ...(startedAt !== undefined && endedAt !== undefined && { tookMs: endedAt - startedAt }),
  };
}
