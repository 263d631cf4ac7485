import { backoffMs, type BackoffPolicy } from "../base/backoff.ts";
import type { Outcome } from "../domain/attempt.ts";
import type { Step } from "../domain/plan.ts";

/** How often a step has already been tried, by cause, this time included. */
export interface Tries {
  readonly oomKills: number;
  readonly failures: number;
  readonly losses: number;
  readonly timeouts: number;
  readonly divergences: number;
}

/** What happens to a step after an attempt. */
export type NextMove =
  | { readonly kind: "succeed" }
  | { readonly kind: "requeue"; readonly delayMs: number }
  | { readonly kind: "cancel" }
  | { readonly kind: "fail" }
  /** It diverged for good: it ends with its branch, and what does not need it goes on. */
  | { readonly kind: "prune" };

/**
 * Each cause spends its own budget: an own-limit kill the out-of-memory one (and goes on at once, with
 * more), an ordinary failure the failure one, a loss or a kill from outside the lost one, a timeout or a
 * stall the timeout one, a divergence the diverged one where the step is to be tried again. A command that
 * cannot start, and output that is none, would end the same way again, so they fail at once.
 */
export function nextMove(
  outcome: Outcome,
  tries: Tries,
  { retry: budget, onDiverged }: Pick<Step, "retry" | "onDiverged">,
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
      return again(tries.timeouts, budget.timeout, backoffMs(backoff, tries.timeouts));
    case "diverged": {
      if (onDiverged === "prune") return { kind: "prune" };
      const delayMs = backoffMs(backoff, tries.divergences);
      const next = again(tries.divergences, budget.diverged, delayMs);
      return next.kind === "fail" ? { kind: "prune" } : next;
    }
    case "could-not-start":
    case "bad-output":
      return { kind: "fail" };
  }
}

function again(spent: number, allowed: number, delayMs: number): NextMove {
  return spent <= allowed ? { kind: "requeue", delayMs } : { kind: "fail" };
}
