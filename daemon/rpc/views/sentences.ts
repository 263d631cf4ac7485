import type { Asker } from "../../domain/ask-words.ts";
import { endSentence } from "../../domain/end-words.ts";
import { formatDuration } from "../../domain/quantity.ts";
import { isOfMany, type Plan } from "../../domain/plan.ts";
import type { Wait } from "../../domain/reservation.ts";
import type { AttemptRow } from "../../store/attempts.ts";
import type { RunRow } from "../../store/runs.ts";

interface Facts {
  /** The newest that has not ended, else the newest of all. */
  readonly attempt: AttemptRow | undefined;
  readonly wait: Wait | undefined;
  /** A run of many steps has no number of tries, and has been running for longer than its newest attempt. */
  readonly plan: Plan | undefined;
  readonly asker: Asker;
  readonly now: number;
}

/** How a run stands or ended, for a person: what is so, and what can be done about it. */
export function runSentence(run: RunRow, facts: Facts): string {
  const { plan, asker, attempt, wait } = facts;
  switch (run.state) {
    case "queued":
      return wait === undefined ? "queued: about to start" : `queued: ${wait.message}`;
    case "running":
      return runningSentence(run, facts);
    case "succeeded":
      return isOfMany(plan) || attempt === undefined || attempt.number === 1
        ? "succeeded"
        : `succeeded at attempt ${attempt.number}`;
    case "failed":
    case "cancelled":
      return endSentence(run, plan, asker);
  }
}

function runningSentence(run: RunRow, { attempt, wait, plan, now }: Facts): string {
  if (attempt === undefined) return "running: about to start";
  if (attempt.state === "ended") {
    return wait === undefined ? "running: between two attempts" : `running: ${wait.message}`;
  }
  const of = isOfMany(plan) ? ` of ${attempt.step}` : "";
  const which = attempt.number === 1 ? "" : `, attempt ${attempt.number}${of}`;
  if (attempt.stopCause !== undefined)
    return `being stopped${which}: ${stopWords[attempt.stopCause]}`;
  const since = (isOfMany(plan) ? run.startedAt : attempt.startedAt) ?? attempt.createdAt;
  const sinceMs = Math.max(0, now - since);
  return `running for ${formatDuration(sinceMs)}${which}`;
}

const stopWords = {
  cancelled: "it was cancelled",
  "soft-timeout": "its soft timeout is over",
  "hard-timeout": "its timeout is over",
  stalled: "it has said nothing for longer than its heartbeat allows",
  diverged: "it reported a metric that is not finite",
} as const;
