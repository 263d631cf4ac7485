import type { Outcome, Peaks } from "../domain/attempt.ts";
import { isWorthKeeping, type MemoryCurve } from "../domain/memory-curve.ts";
import type { Failure } from "../domain/failure.ts";
import type { Step } from "../domain/plan.ts";
import { ok, type Result } from "../domain/result.ts";
import type { RunEnd } from "../domain/run.ts";
import { backoffMs, type BackoffPolicy } from "../base/backoff.ts";
import { learnKill, learnPeak } from "../broker/calibration.ts";
import type { AttemptRow } from "../store/attempts.ts";
import type { StepRow } from "../store/steps.ts";
import { nextMove, type NextMove } from "./next-move.ts";
import type { RunBooks } from "./run-books.ts";
import { cancelRest, settleStep } from "./run-end.ts";
import { enqueue } from "./steps/open-steps.ts";
import { keepResult, type Collected } from "./steps/results.ts";

/** How an attempt ended. `isFree`: it never got as far as a try, so no budget is spent. */
export interface AttemptEnd {
  readonly outcome: Outcome;
  readonly peaks: Peaks;
  readonly isFree: boolean;
  /** What it left, where that is kept. */
  readonly collected?: Collected | undefined;
  /** What it needed over its time, where this daemon saw it. */
  readonly curve?: MemoryCurve;
}

/** An attempt with its end. */
export interface Ended extends AttemptEnd {
  readonly row: AttemptRow;
  readonly step: Step;
  /** A person has cancelled, maybe too late for this attempt; it is the last one then. */
  readonly isCalledOff: boolean;
}

/**
 * Records the end of an attempt, in one transaction: outcome and peaks, what they teach, the
 * reservation given back, and what becomes of the step and its run.
 */
export function settle(
  books: RunBooks,
  ended: Ended,
  backoff: BackoffPolicy,
): Promise<Result<void, Failure>> {
  const { store, events, clock } = books;
  const { row, outcome, peaks, curve } = ended;
  return store.write(() => {
    const at = clock.now();
    store.reservations.delete(row.id);
    if (!store.attempts.ended(row.id, { at, outcome, peaks })) return ok(undefined);
    if (curve !== undefined && isWorthKeeping(curve)) store.memoryCurves.add(row.id, curve);
    events.append("attempt.ended", {
      runId: row.runId,
      attemptId: row.id,
      facts: { outcome: { ...outcome }, peaks: { ...peaks }, limitBytes: row.limitBytes },
    });
    teach(books, ended, at);
    count(books, ended);
    moveOn(books, ended, backoff);
    return ok(undefined);
  });
}

/**
 * Only an own-limit kill teaches a bound, and only a success a measurement. One that rode its limit to a
 * success counts: with the margin the next limit is above this one, so it can only show more.
 */
function teach(
  { store, events }: RunBooks,
  { row, step, outcome, peaks }: Ended,
  at: number,
): void {
  const key = step.calibrationKey;
  const known = store.calibrations.get(key);
  const seen = { key, runId: row.runId, at };
  if (outcome.cause === "out-of-memory") {
    store.calibrations.put(learnKill(known, { ...seen, limitBytes: outcome.limitBytes }));
  } else if (outcome.cause === "succeeded" && peaks.needBytes !== undefined) {
    store.calibrations.put(learnPeak(known, { ...seen, needBytes: peaks.needBytes }));
  } else {
    return;
  }
  events.append("calibration.changed", { runId: row.runId, facts: { key } });
}

function count({ store }: RunBooks, { row, outcome, isFree }: Ended): void {
  if (isFree) return;
  switch (outcome.cause) {
    case "out-of-memory":
      store.steps.countOomKill(row.runId, row.step, outcome.limitBytes);
      return;
    case "failed":
      store.steps.count(row.runId, row.step, "failures");
      return;
    case "lost":
    case "killed-from-outside":
      store.steps.count(row.runId, row.step, "losses");
      return;
    case "timed-out":
    case "stalled":
      store.steps.count(row.runId, row.step, "timeouts");
      return;
    case "diverged":
      store.steps.count(row.runId, row.step, "divergences");
      return;
    case "succeeded":
    case "cancelled":
    case "could-not-start":
    case "bad-output":
      return;
  }
}

function moveOn(books: RunBooks, ended: Ended, backoff: BackoffPolicy): void {
  const { store } = books;
  const { row, step, outcome } = ended;
  const tries = store.steps.get(row.runId, row.step);
  if (tries === undefined) return;
  const move = moveAfter(ended, tries, backoff);
  const end: RunEnd = { kind: "outcome", step: step.name, outcome };
  const place = { runId: row.runId, step: row.step };
  switch (move.kind) {
    case "requeue":
      requeue(books, ended, move.delayMs);
      return;
    case "succeed":
      settleStep(books, place, { state: "succeeded", ...keepResult(books, ended) });
      return;
    case "cancel":
      settleStep(books, place, {
        state: "cancelled",
        ...(outcome.cause === "cancelled" && { end }),
      });
      // The daemon that was asked may have died before it got to the rest.
      cancelRest(books, row.runId);
      return;
    case "fail":
      settleStep(books, place, { state: "failed", end });
      return;
    case "prune":
      settleStep(books, place, { state: "pruned", end });
      return;
  }
}

function moveAfter(ended: Ended, tries: StepRow, backoff: BackoffPolicy): NextMove {
  const { outcome, step, isFree, isCalledOff } = ended;
  const move: NextMove =
    isFree && outcome.cause === "lost"
      ? { kind: "requeue", delayMs: backoffMs(backoff, tries.attempts) }
      : nextMove(outcome, tries, step, backoff);
  return move.kind === "requeue" && isCalledOff ? { kind: "cancel" } : move;
}

function requeue(books: RunBooks, ended: Ended, delayMs: number): void {
  const { store, events, clock } = books;
  const { runId, step } = ended.row;
  const notBeforeAt = delayMs === 0 ? 0 : clock.now() + delayMs;
  if (!enqueue(books, runId, ended.step, notBeforeAt)) return;
  if (!store.steps.isRunning(runId)) store.runs.move(runId, "queued", { at: clock.now() });
  events.append("run.requeued", { runId, facts: { step, cause: ended.outcome.cause, delayMs } });
}
