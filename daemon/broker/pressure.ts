import type { HostSample } from "../domain/host.ts";

/** Percent of time that everything stood still for want of memory (PSI `full avg10`). */
export interface PressurePolicy {
  readonly pressureStopPercent: number;
  readonly pressureResumePercent: number;
}

/**
 * Whether memory pressure stops admission, given whether it did before: two thresholds, so that it does
 * not flap around one. A kernel without PSI never stops it.
 */
export function pressureStops(
  stopped: boolean,
  { pressureFullAvg10 }: Pick<HostSample, "pressureFullAvg10">,
  { pressureStopPercent, pressureResumePercent }: PressurePolicy,
): boolean {
  if (pressureFullAvg10 === undefined) return false;
  return stopped
    ? pressureFullAvg10 > pressureResumePercent
    : pressureFullAvg10 >= pressureStopPercent;
}
