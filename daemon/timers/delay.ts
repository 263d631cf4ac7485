import { digestOf } from "../base/digest.ts";
import type { Schedule } from "./read-schedule.ts";

/** The share of the jitter that a schedule waits, always the same: many that say `@hourly` are spread. */
export function delayOf({ name, timing }: Schedule): number {
  if (timing.jitterMs === 0) return 0;
  return Math.floor((parseInt(digestOf(name).slice(0, 12), 16) / 16 ** 12) * timing.jitterMs);
}
