import { exitCodeOf } from "../domain/exit-code.ts";
import type { RunId } from "../domain/ids.ts";
import { graphOf } from "../domain/plan-graph.ts";
import { isFinal, type FinalRunState, type RunEnd, type StepPlace } from "../domain/run.ts";
import type { RunBooks } from "./run-books.ts";
import { endStep, type StepEnd } from "./steps/end-step.ts";
import { announce, openSteps } from "./steps/open-steps.ts";

/** Lets every step go on that needs nothing. A run that still waits for others gets none. */
export function openRun(books: RunBooks, runId: RunId): void {
  const { store } = books;
  if (store.waits.hasOpen(runId)) return;
  announce(books, runId, openSteps(books, runId, store.steps.open(runId)));
  // A retry may have nothing left to do.
  endRunIfOver(books, runId);
}

/** Ends a step, lets go on what may, and ends the run with its last step. */
export function settleStep(books: RunBooks, place: StepPlace, end: StepEnd): void {
  announce(books, place.runId, endStep(books, place, end));
  endRunIfOver(books, place.runId);
}

/**
 * Ends every step of a run that does not run; what runs is asked to stop by whoever calls. True when that
 * was all of it, and the run is over.
 */
export function cancelRest({ store, events, clock }: RunBooks, runId: RunId): boolean {
  store.ready.deleteOf(runId);
  store.steps.endRest(runId, "cancelled", { at: clock.now() });
  return endRunIfOver({ store, events, clock }, runId);
}

/** Ends a run in which nothing goes on any more; true when it ended just now. */
export function endRunIfOver(books: RunBooks, runId: RunId): boolean {
  const { store } = books;
  if (store.steps.isGoing(runId)) return false;
  const run = store.runs.get(runId);
  if (run === undefined || isFinal(run.state)) return false;
  const ending = endingOf(books, runId);
  // A success comes of running, even where every result was there already.
  if (ending.state === "succeeded" && run.state === "queued") beginRun(books, runId);
  endRun(books, ending);
  return true;
}

/** Notes that something of a run happens from now on. */
export function beginRun({ store, events, clock }: RunBooks, runId: RunId): void {
  if (store.runs.move(runId, "running", { at: clock.now() })) {
    events.append("run.started", { runId });
  }
}

interface Ending {
  readonly runId: RunId;
  readonly state: FinalRunState;
  readonly end?: RunEnd;
}

/** What a run came to by its steps: its first failure; else a cancel; else what is left of it. */
function endingOf({ store }: RunBooks, runId: RunId): Ending {
  const failed = store.steps.firstEnded(runId, "failed");
  if (failed?.end !== undefined) return { runId, state: "failed", end: failed.end };
  if (store.steps.has(runId, "cancelled")) {
    const end = store.steps.firstEnded(runId, "cancelled")?.end;
    return { runId, state: "cancelled", end: end ?? { kind: "cancelled-while-queued" } };
  }
  const pruned = store.steps.firstEnded(runId, "pruned");
  if (pruned?.end !== undefined && !hasResult({ store }, runId)) {
    return { runId, state: "failed", end: pruned.end };
  }
  return { runId, state: "succeeded" };
}

/** Whether anything that nobody needs came to a good end. */
function hasResult({ store }: Pick<RunBooks, "store">, runId: RunId): boolean {
  const plan = store.runs.plan(runId);
  if (plan === undefined) return false;
  return graphOf(plan).sinks.some((name) => store.steps.get(runId, name)?.state === "succeeded");
}

/**
 * Ends a run and settles everything that waited for it, at once: what needed it fails and names the
 * first run that failed, what only came after it may start. A list instead of recursion, because a
 * chain of waits may be long.
 */
export function endRun(books: RunBooks, first: Ending): void {
  const endings = [first];
  for (let next = endings.shift(); next !== undefined; next = endings.shift()) {
    if (!moveToEnd(books, next)) continue;
    endings.push(...settleDependants(books, next));
  }
}

function moveToEnd({ store, events, clock }: RunBooks, { runId, state, end }: Ending): boolean {
  const exitCode = exitCodeOf(end);
  const at = clock.now();
  const moved = store.runs.move(runId, state, { at, exitCode, ...(end !== undefined && { end }) });
  if (!moved) return false;
  store.ready.deleteOf(runId);
  store.steps.endRest(runId, state === "cancelled" ? "cancelled" : "skipped", { at });
  events.append(`run.${state}`, {
    runId,
    facts: { exitCode, ...(end !== undefined && { end: { ...end } }) },
  });
  return true;
}

function settleDependants(books: RunBooks, ended: Ending): Ending[] {
  const { store } = books;
  const failed: Ending[] = [];
  for (const wait of store.waits.openOn(ended.runId)) {
    store.waits.close(wait.runId, ended.runId, wait.kind);
    if (wait.kind === "needs" && ended.state !== "succeeded") {
      failed.push({ runId: wait.runId, state: "failed", end: neededRunFailed(ended) });
    } else {
      openRun(books, wait.runId);
    }
  }
  return failed;
}

function neededRunFailed(ended: Ending): RunEnd {
  return ended.end?.kind === "needed-run-failed"
    ? ended.end
    : { kind: "needed-run-failed", runId: ended.runId };
}

/** Opens the waits of a run that was just inserted; a run it needs may have ended already. */
export function openWaits(
  books: RunBooks,
  runId: RunId,
  waits: readonly { readonly onRunId: RunId; readonly kind: "needs" | "after" }[],
): void {
  const { store } = books;
  for (const { onRunId, kind } of waits) {
    const on = store.runs.get(onRunId);
    store.waits.insert(runId, onRunId, kind);
    if (on === undefined || !isFinal(on.state)) continue;
    store.waits.close(runId, onRunId, kind);
    if (kind === "needs" && on.state !== "succeeded") {
      const ended: Ending = { runId: onRunId, state: on.state, ...(on.end && { end: on.end }) };
      endRun(books, { runId, state: "failed", end: neededRunFailed(ended) });
    }
  }
}
