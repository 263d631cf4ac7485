import { exitCodeOf } from "../domain/exit-code.ts";
import type { RunId } from "../domain/ids.ts";
import { isFinal, type FinalRunState, type RunEnd } from "../domain/run.ts";
import type { Clock } from "../base/clock.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Store } from "../store/store.ts";
import { readySteps } from "./ready-set.ts";

/** What moving a run needs; every function here runs inside one `store.write`. */
export interface RunBooks {
  readonly store: Store;
  readonly events: EventLog;
  readonly clock: Clock;
}

/** Puts every step whose needs are met into the queue. A run that still waits for others gets none. */
export function enqueueReadySteps(books: RunBooks, runId: RunId, notBeforeAt = 0): void {
  const { store } = books;
  const run = store.runs.get(runId);
  const plan = store.runs.plan(runId);
  if (run === undefined || plan === undefined || store.waits.hasOpen(runId)) return;
  const states = new Map(store.steps.of(runId).map((step) => [step.name, step.state]));
  for (const step of readySteps(plan, states)) {
    store.steps.move(runId, step, "ready");
    const claims = plan.steps.find(({ name }) => name === step)?.claims;
    store.ready.insert({ runId, step, priority: run.priority, notBeforeAt, passedOver: 0 }, claims);
  }
}

interface Ending {
  readonly runId: RunId;
  readonly state: FinalRunState;
  readonly end?: RunEnd;
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
  const moved = store.runs.move(runId, state, {
    at: clock.now(),
    exitCode,
    ...(end !== undefined && { end }),
  });
  if (!moved) return false;
  for (const step of store.steps.of(runId)) {
    if (step.state !== "waiting" && step.state !== "ready") continue;
    store.ready.delete(runId, step.name);
    store.steps.move(runId, step.name, state === "cancelled" ? "cancelled" : "skipped");
  }
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
      enqueueReadySteps(books, wait.runId);
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
