import type { Clock } from "../base/clock.ts";
import type { Timeouts } from "../domain/plan.ts";

/** What the deadlines of one attempt do when they pass. */
export interface DeadlineActions {
  soft(): void;
  hard(): void;
}

/**
 * Arms the soft and the hard deadline of an attempt that has been running for `elapsedMs` already (an
 * adopted one). Returns how to call them off.
 */
export function armDeadlines(
  clock: Clock,
  timeouts: Timeouts,
  elapsedMs: number,
  actions: DeadlineActions,
): () => void {
  const armed: (() => void)[] = [];
  const arm = (timeoutMs: number | undefined, action: () => void): void => {
    if (timeoutMs !== undefined)
      armed.push(clock.after(Math.max(0, timeoutMs - elapsedMs), action));
  };
  arm(timeouts.softMs, () => {
    actions.soft();
  });
  arm(timeouts.hardMs, () => {
    actions.hard();
  });
  return () => {
    for (const disarm of armed) disarm();
  };
}
