import type { Failure } from "../domain/failure.ts";
import { sleep, type Clock } from "../base/clock.ts";

/** How long to leave a disk alone that refused a change. */
const pauseMs = 1_000;

/** How often a file is looked at that changes while it is read: those of /proc never stop. */
const mostLooks = 5;

/** Whether what failed so often may come to an end when it is tried again. A full disk is always worth another try. */
export function isWorthAnotherLook({ reason, retryable }: Failure, looks: number): boolean {
  const isOfAFile = reason === "bad-input" || reason === "bad-output";
  return retryable && (!isOfAFile || looks < mostLooks);
}

/** Lets a disk that refused a change be. */
export function pause(clock: Clock): Promise<void> {
  return sleep(clock, pauseMs);
}
