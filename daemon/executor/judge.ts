import type { Outcome, StopCause, StopFacts } from "../domain/attempt.ts";
import type { ExitReport } from "../launcher/exit-report.ts";

/** Everything the verdict is made of. */
export interface Facts {
  readonly report: ExitReport;
  readonly limitBytes: number;
  readonly stopCause?: StopCause | undefined;
  readonly stopFacts?: StopFacts | undefined;
}

/**
 * One outcome with one cause. A stop that we asked for comes first, because what follows is its
 * consequence; then what the kernel says, whatever status was reported; then the status; and where
 * nothing tells, it was killed from outside. Success is never invented: it needs a record saying 0.
 */
export function judge({ report, limitBytes, stopCause, stopFacts: facts }: Facts): Outcome {
  switch (stopCause) {
    case "cancelled":
      return { cause: "cancelled" };
    case "hard-timeout":
      return { cause: "timed-out", which: "hard" };
    case "stalled":
      return { cause: "stalled", silentMs: facts && "silentMs" in facts ? facts.silentMs : 0 };
    case "diverged":
      return { cause: "diverged", metric: "", value: "", ...facts };
    case "soft-timeout": {
      // Only a warning: a stage that failed upon it has heeded it, and any other end is its own.
      const outcome = outcomeByItself(report, limitBytes);
      return outcome.cause === "failed" ? { cause: "timed-out", which: "soft" } : outcome;
    }
    case undefined:
      return wasToldToEnd(report)
        ? { cause: "killed-from-outside", by: "stranger" }
        : outcomeByItself(report, limitBytes);
  }
}

/**
 * Not by us: systemd stops everything before it switches off the box, or somebody stopped the scope. What the
 * command made of that is no word about its work, not even a 0.
 */
function wasToldToEnd({ record, killer }: ExitReport): boolean {
  return killer === undefined && record?.kind === "exited" && record.told === true;
}

function outcomeByItself(report: ExitReport, limitBytes: number): Outcome {
  if (report.killer === undefined) return outcomeOfRecord(report);
  switch (report.killer) {
    case "own-limit":
      return { cause: "out-of-memory", limitBytes };
    case "box-oom":
    case "oomd":
      return { cause: "killed-from-outside", by: report.killer };
    case "wall-limit":
      return { cause: "timed-out", which: "hard" };
  }
}

function outcomeOfRecord({ record, started, lostWhy }: ExitReport): Outcome {
  if (record === undefined) {
    return started
      ? { cause: "killed-from-outside", by: "stranger" }
      : { cause: "lost", why: lostWhy ?? "it was gone before its first instruction" };
  }
  if (record.kind === "could-not-start") return { cause: "could-not-start", why: record.why };
  return record.status === 0
    ? { cause: "succeeded" }
    : { cause: "failed", exitCode: record.status };
}
