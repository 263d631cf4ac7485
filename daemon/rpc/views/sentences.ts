import { endSentence } from "../../domain/end-words.ts";
import { formatDuration } from "../../domain/quantity.ts";
import type { Plan } from "../../domain/plan.ts";
import type { Wait } from "../../domain/reservation.ts";
import type { AttemptRow } from "../../store/attempts.ts";
import type { RunRow } from "../../store/runs.ts";

/** How a run stands or ended, for a person: what is so, and what can be done about it. */
export function runSentence(
  run: RunRow,
  facts: {
    readonly plan: Plan | undefined;
    readonly attempt: AttemptRow | undefined;
    readonly wait: Wait | undefined;
    readonly now: number;
  },
): string {
  const { plan, attempt, wait, now } = facts;
  switch (run.state) {
    case "queued":
      return wait === undefined ? "queued: about to start" : `queued: ${wait.message}`;
    case "running":
      return runningSentence(attempt, wait, now);
    case "succeeded":
      return attempt === undefined || attempt.number === 1
        ? "succeeded"
        : `succeeded at attempt ${attempt.number}`;
    case "failed":
    case "cancelled":
      return endSentence(run, plan);
  }
}

function runningSentence(
  attempt: AttemptRow | undefined,
  wait: Wait | undefined,
  now: number,
): string {
  if (attempt === undefined) return "running: about to start";
  if (attempt.state === "ended") {
    return wait === undefined ? "running: between two attempts" : `running: ${wait.message}`;
  }
  const which = attempt.number === 1 ? "" : `, attempt ${attempt.number}`;
  if (attempt.stopCause !== undefined)
    return `being stopped${which}: ${stopWords[attempt.stopCause]}`;
  const sinceMs = Math.max(0, now - (attempt.startedAt ?? attempt.createdAt));
  return `running for ${formatDuration(sinceMs)}${which}`;
}

const stopWords = {
  cancelled: "it was cancelled",
  "soft-timeout": "its soft timeout is over",
  "hard-timeout": "its timeout is over",
  stalled: "it has said nothing for longer than its heartbeat allows",
  diverged: "it reported a metric that is not finite",
} as const;
