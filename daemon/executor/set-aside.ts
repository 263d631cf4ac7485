import type { Failure } from "../domain/failure.ts";
import type { RunId } from "../domain/ids.ts";
import type { Outcome } from "../domain/attempt.ts";
import { ok, type Result } from "../domain/result.ts";
import { nothingKnown } from "../launcher/exit-report.ts";
import type { RunBooks } from "./run-books.ts";
import { endRun } from "./run-end.ts";

/**
 * Ends a run that this daemon cannot work with, because of a bug or of a row that it cannot read: its
 * poison must not take the daemon along, start after start. Uses nothing of the run's plan.
 */
export function setAside(
  { store, events, clock }: RunBooks,
  at: { readonly runId: RunId; readonly step: string },
  outcome: Outcome,
): Promise<Result<void, Failure>> {
  const { runId, step } = at;
  return store.write(() => {
    const attempt = store.attempts.newestOf(runId, step);
    if (attempt !== undefined && attempt.state !== "ended") {
      const { peaks } = nothingKnown;
      store.attempts.ended(attempt.id, { at: clock.now(), outcome, peaks });
      store.reservations.delete(attempt.id);
      const facts = { outcome: { ...outcome }, limitBytes: attempt.limitBytes };
      events.append("attempt.ended", { runId, attemptId: attempt.id, facts });
    }
    store.steps.move(runId, step, "failed");
    endRun(
      { store, events, clock },
      { runId, state: "failed", end: { kind: "outcome", step, outcome } },
    );
    return ok(undefined);
  });
}

/** A sentence for what was thrown. */
export function bugSentence(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return `blutd cannot work with it, which is a bug or a damaged row: ${text}`;
}
