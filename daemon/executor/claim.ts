import type { AttemptId, RunId } from "../domain/ids.ts";
import type { Containment } from "../domain/host.ts";
import { failure, type Failure } from "../domain/failure.ts";
import type { Footprint } from "../domain/footprint.ts";
import type { Step } from "../domain/plan.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { AttemptRow } from "../store/attempts.ts";
import { attemptDirectory } from "./attempt-directory.ts";
import type { RunBooks } from "./run-books.ts";
import { beginRun } from "./run-end.ts";

/** A step that admission let through, with what it may use. Its capacity is reserved already. */
export interface Start {
  readonly attemptId: AttemptId;
  readonly runId: RunId;
  readonly step: Step;
  readonly footprint: Footprint;
  /** The GPU devices it was given. */
  readonly devices: readonly number[];
  /** Steps that waited longer and were passed by this start. */
  readonly passed: readonly { readonly runId: RunId; readonly step: string }[];
}

/** Where attempts live on this box. */
export interface Place {
  readonly containment: Containment;
  readonly bootId: string;
  readonly runsDir: string;
}

/**
 * Turns a place in the queue into an attempt, in one transaction: the intent, its reservation and the
 * event are on disk before anything is asked of the launcher. Fails when the step was cancelled or
 * started meanwhile, and then nothing changed.
 */
export function claim(
  books: RunBooks,
  place: Place,
  start: Start,
): Promise<Result<AttemptRow, Failure>> {
  const { store, events, clock } = books;
  return store.write<AttemptRow>(() => {
    const { runId, step } = start;
    if (!store.ready.delete(runId, step.name) || !store.steps.move(runId, step.name, "running")) {
      return err(
        failure("wrong-state", `step ${step.name} of ${runId} is not in the queue`, "none"),
      );
    }
    const now = clock.now();
    const number = store.steps.countAttempt(runId, step.name);
    const row: AttemptRow = {
      id: start.attemptId,
      runId,
      step: step.name,
      number,
      state: "starting",
      containment: place.containment,
      bootId: place.bootId,
      directory: attemptDirectory(place.runsDir, { runId, step: step.name, number }),
      limitBytes: start.footprint.limitBytes,
      limitOrigin: start.footprint.origin,
      createdAt: now,
    };
    store.attempts.insert(row);
    const { devices } = start;
    const memoryBytes = row.limitBytes;
    store.reservations.insert({ attemptId: row.id, memoryBytes, ...step.claims, devices });
    for (const passed of start.passed) store.ready.passOver(passed.runId, passed.step);
    beginRun(books, runId);
    events.append("attempt.starting", {
      runId,
      attemptId: row.id,
      facts: { number, limitBytes: row.limitBytes, origin: row.limitOrigin.kind },
    });
    return ok(row);
  });
}
