import { askWords, type Asker, type AskWords } from "./ask-words.ts";
import type { Outcome } from "./attempt.ts";
import { isOfMany, type Plan } from "./plan.ts";
import { formatBytes, formatDuration } from "./quantity.ts";
import type { RunEnd, RunState } from "./run.ts";

/** Why a step cannot go on here, with both numbers. */
export function exceedsSentence(neededBytes: number, ceilingBytes: number): string {
  const needed = formatBytes(neededBytes);
  const ceiling = formatBytes(ceilingBytes);
  if (needed === ceiling) return `it needs more than the ${ceiling} that it can get here at most`;
  return neededBytes > ceilingBytes
    ? `it needs at least ${needed}, and ${ceiling} is the most it can get here`
    : `it needs more than ${needed}, and hardly more can be had here: ${ceiling} at most`;
}

/** How a run ended badly, for a person: what is so, and what can be done about it. Of many steps the one is named. */
export function endSentence(
  run: {
    readonly state: RunState;
    readonly end?: RunEnd;
    readonly cancelReason?: string;
  },
  plan: Plan | undefined,
  asker: Asker,
): string {
  const { end, cancelReason } = run;
  const words = askWords(plan, asker);
  const why = cancelReason === undefined ? "" : `: ${cancelReason}`;
  if (end === undefined) return run.state;
  const whose = isOfMany(plan) && "step" in end ? `${end.step} ` : "";
  switch (end.kind) {
    case "outcome":
      return end.outcome.cause === "cancelled"
        ? `cancelled${why}`
        : whose + outcomeSentence(end.outcome, words);
    case "footprint-exceeds-host":
      return `${whose}ended out of memory: ${exceedsSentence(end.neededBytes, end.ceilingBytes)}; raise ${words.memoryMax} or memory.budget, or make it need less`;
    case "bad-input":
      return `step ${end.step} could not start: ${end.why}`;
    case "needed-run-failed":
      return `did not start: it needed ${end.runId}, which did not succeed; blutctl show ${end.runId} says why`;
    case "cancelled-while-queued":
      return `cancelled before it started${why}`;
  }
}

/** How an attempt ended, for a person. */
function outcomeSentence(outcome: Outcome, words: AskWords): string {
  switch (outcome.cause) {
    case "succeeded":
      return "succeeded";
    case "failed":
      return `failed: the command ${exitWords(outcome.exitCode)}; its log may say why`;
    case "out-of-memory":
      return `ended out of memory: it was killed at its limit of ${formatBytes(outcome.limitBytes)}, and its tries with more are used up; allow more with ${words.memoryTries}, or raise ${words.memory}`;
    case "killed-from-outside":
      return `killed from outside: ${killers[outcome.by]}; blutctl retry starts it again`;
    case "timed-out":
      return `timed out: it was still running at its ${outcome.which === "soft" ? "soft " : ""}timeout; allow more with ${words.timeout[outcome.which]}`;
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
      return `ended well, but ${outcome.why}`;
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
