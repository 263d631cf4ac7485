import type { Clock } from "../base/clock.ts";
import type { OutputPolicy } from "./output/output-cap.ts";

/** What a launcher is made with, wherever it starts its attempts. */
export interface LauncherOptions {
  readonly clock: Clock;
  readonly output: OutputPolicy;
}

/**
 * What outlives the command gets so long to end by itself before it is killed: enough for a child that
 * is just about to end, too short for whoever waits for the run to notice.
 */
export const leftoverGraceMs = 500;
