import type { Outcome } from "../../domain/attempt.ts";
import { formatBytes, formatDuration } from "../../domain/quantity.ts";
import type { Wait } from "../../domain/reservation.ts";
import { exceedsSentence } from "../../broker/sentences.ts";
import type { AttemptRow } from "../../store/attempts.ts";
import type { RunRow } from "../../store/runs.ts";

/** How a run stands or ended, for a person: what is so, and what can be done about it. */
export function runSentence(
  run: RunRow,
  facts: { readonly attempt: AttemptRow | undefined; readonly wait: Wait | undefined; now: number },
): string {
  const { attempt, wait, now } = facts;
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
      return endSentence(run);
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

function endSentence(run: RunRow): string {
  const { end, cancelReason } = run;
  const why = cancelReason === undefined ? "" : `: ${cancelReason}`;
  if (end === undefined) return run.state;
  switch (end.kind) {
    case "outcome":
      return end.outcome.cause === "cancelled" ? `cancelled${why}` : outcomeSentence(end.outcome);
    case "footprint-exceeds-host":
      return `ended out of memory: ${exceedsSentence(end.neededBytes, end.ceilingBytes)}; raise --mem-max or memory.budget, or make it need less`;
    case "bad-input":
      return `step ${end.step} could not start: ${end.why}`;
    case "needed-run-failed":
      return `did not start: it needed ${end.runId}, which did not succeed; blutctl show ${end.runId} says why`;
    case "cancelled-while-queued":
      return `cancelled before it started${why}`;
  }
}

/** How an attempt ended, for a person. */
function outcomeSentence(outcome: Outcome): string {
  switch (outcome.cause) {
    case "succeeded":
      return "succeeded";
    case "failed":
      return `failed: the command ${exitWords(outcome.exitCode)}; its log may say why`;
    case "out-of-memory":
      return `ended out of memory: it was killed at its limit of ${formatBytes(outcome.limitBytes)}, and its tries with more are used up; allow more with --oom-retries or a larger --mem`;
    case "killed-from-outside":
      return `killed from outside: ${killers[outcome.by]}; blutctl retry starts it again`;
    case "timed-out":
      return `timed out: it was still running at its ${outcome.which === "soft" ? "soft " : ""}timeout; allow more with --timeout`;
    case "cancelled":
      return "cancelled";
    case "lost":
      return `lost: ${outcome.why}; blutctl retry starts it again`;
    case "stalled":
      return `stalled: it said nothing for ${formatDuration(outcome.silentMs)}; send heartbeats, or allow a longer silence`;
    case "diverged":
      return `diverged: its metric ${outcome.metric} was ${outcome.value}`;
    case "could-not-start":
      return `could not start: ${outcome.why}`;
    case "bad-output":
      return `it succeeded, but ${outcome.why}`;
  }
}

const killers = {
  "box-oom": "the box ran out of memory and the kernel chose it",
  oomd: "systemd-oomd killed it for memory pressure",
  stranger: "something that is not blut killed it",
} as const;

function exitWords(exitCode: number): string {
  const signal = exitCode - 128;
  return signal > 0 && signal <= 64
    ? `exited with ${exitCode} (128 + signal ${signal})`
    : `exited with ${exitCode}`;
}
