import { backoffMs, type BackoffPolicy } from "../base/backoff.ts";
import type { Outcome } from "../domain/attempt.ts";
import type { RetryBudget } from "../domain/plan.ts";

/** How often a step has already been tried, by cause, this time included. */
export interface Tries {
  readonly oomKills: number;
  readonly failures: number;
  readonly losses: number;
}

/** What happens to a step after an attempt. */
export type NextMove =
  | { readonly kind: "succeed" }
  | { readonly kind: "requeue"; readonly delayMs: number }
  | { readonly kind: "cancel" }
  | { readonly kind: "fail" };

/**
 * Each cause spends its own budget: an own-limit kill the out-of-memory one (and goes on at once, with
 * more), an ordinary failure the failure one, a loss or a kill from outside the lost one. A timeout and
 * a command that cannot start would end the same way again, so they fail at once.
 */
export function nextMove(
  outcome: Outcome,
  tries: Tries,
  budget: RetryBudget,
  backoff: BackoffPolicy,
): NextMove {
  switch (outcome.cause) {
    case "succeeded":
      return { kind: "succeed" };
    case "cancelled":
      return { kind: "cancel" };
    case "out-of-memory":
      return again(tries.oomKills, budget.outOfMemory, 0);
    case "failed":
      return again(tries.failures, budget.failure, backoffMs(backoff, tries.failures));
    case "lost":
    case "killed-from-outside":
      return again(tries.losses, budget.lost, backoffMs(backoff, tries.losses));
    case "timed-out":
    case "stalled":
    case "diverged":
    case "could-not-start":
    case "bad-output":
      return { kind: "fail" };
  }
}

function again(spent: number, allowed: number, delayMs: number): NextMove {
  return spent <= allowed ? { kind: "requeue", delayMs } : { kind: "fail" };
}
