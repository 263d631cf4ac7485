import { sleep, type Clock } from "../base/clock.ts";

/** How long to leave a disk alone that refused a change. */
const pauseMs = 1_000;

/** Lets a disk that refused a change be. */
export function pause(clock: Clock): Promise<void> {
  return sleep(clock, pauseMs);
}
