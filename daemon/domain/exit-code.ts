import type { RunEnd } from "./run.ts";
import type { Outcome } from "./attempt.ts";

/** Exit codes of `blutctl`, one table; `blutctl help exit-codes` prints it. */
export const exitCodes = {
  success: { code: 0, meaning: "success" },
  doubtful: {
    code: 1,
    meaning: "`doctor`: work can be left alone, and there is something to know",
  },
  usage: { code: 2, meaning: "wrong usage: the message names the option and what was expected" },
  configuration: { code: 78, meaning: "configuration: the box or a setting must be fixed first" },
  badInput: {
    code: 117,
    meaning: "an input could not be read, or an output was not what it must be",
  },
  diverged: { code: 118, meaning: "diverged: a metric was not finite, and nothing came of it" },
  nothingMatched: { code: 119, meaning: "nothing matched: no such run, key or step" },
  outOfMemory: { code: 120, meaning: "out of memory at the ceiling: the box cannot give more" },
  timedOut: { code: 121, meaning: "timed out or stalled" },
  cancelled: { code: 122, meaning: "cancelled" },
  neededRunFailed: { code: 123, meaning: "a needed run failed" },
  waitTimedOut: { code: 124, meaning: "`wait --timeout` ran out" },
  noAnswer: { code: 125, meaning: "the daemon did not answer" },
  neverFits: { code: 126, meaning: "refused: it can never fit" },
  couldNotStart: { code: 127, meaning: "the command could not be started (its log says why)" },
  killed: { code: 137, meaning: "killed from outside, or lost, more often than its budget allows" },
} as const;

/** The code `run` and `wait` exit with for a run that ended so; `undefined` end means success. */
export function exitCodeOf(end: RunEnd | undefined): number {
  if (end === undefined) return exitCodes.success.code;
  switch (end.kind) {
    case "outcome":
      return exitCodeOfOutcome(end.outcome);
    case "footprint-exceeds-host":
      return exitCodes.outOfMemory.code;
    case "bad-input":
      return exitCodes.badInput.code;
    case "needed-run-failed":
      return exitCodes.neededRunFailed.code;
    case "cancelled-while-queued":
      return exitCodes.cancelled.code;
  }
}

function exitCodeOfOutcome(outcome: Outcome): number {
  switch (outcome.cause) {
    case "succeeded":
      return exitCodes.success.code;
    case "failed":
      return outcome.exitCode;
    case "out-of-memory":
      return exitCodes.outOfMemory.code;
    case "timed-out":
    case "stalled":
      return exitCodes.timedOut.code;
    case "diverged":
      return exitCodes.diverged.code;
    case "bad-output":
      return exitCodes.badInput.code;
    case "cancelled":
      return exitCodes.cancelled.code;
    case "killed-from-outside":
    case "lost":
      return exitCodes.killed.code;
    case "could-not-start":
      return exitCodes.couldNotStart.code;
  }
}
