import type { WaitReason } from "./reservation.ts";

/**
 * The box in one minute in which something ran or waited. Sizes in bytes; `Byte seconds` are sums over the
 * time that was looked at, so that rows of any length can be added up.
 */
export interface BoxMinute {
  /** Epoch ms of its start. */
  readonly at: number;
  /** The least memory that was available. */
  readonly availableBytes: number;
  /** The highest PSI avg10 of memory in percent; absent where the kernel has none. */
  readonly pressureFull?: number;
  readonly pressureSome?: number;
  /** The highest sum of the limits of what ran, and of what it really needed. */
  readonly limitBytes: number;
  readonly needBytes: number;
  readonly limitByteSeconds: number;
  readonly needByteSeconds: number;
  /** The most attempts, and the most steps that were ready to start. */
  readonly running: number;
  readonly waiting: number;
  /** What was in force: what blut may promise, and what it keeps free. */
  readonly budgetBytes: number;
  readonly floorBytes: number;
  /** What the first in line waited for, at the last look that found one waiting. */
  readonly headWait?: WaitReason;
}

/** One look at the box; `sinceMs` is the time that it stands for. */
export type BoxReading = Pick<
  BoxMinute,
  | "at"
  | "availableBytes"
  | "pressureFull"
  | "pressureSome"
  | "limitBytes"
  | "needBytes"
  | "running"
  | "waiting"
  | "budgetBytes"
  | "floorBytes"
  | "headWait"
> & { readonly sinceMs: number };

/** Length of a minute, ms. */
export const minuteMs = 60_000;

/** The start of the minute that an instant is in. */
export function minuteOf(at: number): number {
  return Math.floor(at / minuteMs) * minuteMs;
}

/** A minute with one more look at the box; the first look begins one. */
export function withLook(minute: BoxMinute | undefined, look: BoxReading): BoxMinute {
  const { sinceMs, at, ...now } = look;
  const seconds = sinceMs / 1000;
  const full = highest(minute?.pressureFull, look.pressureFull);
  const headWait = look.headWait ?? minute?.headWait;
  const some = highest(minute?.pressureSome, look.pressureSome);
  return {
    ...now,
    at: minute?.at ?? minuteOf(at),
    availableBytes: Math.min(minute?.availableBytes ?? Infinity, look.availableBytes),
    ...(full !== undefined && { pressureFull: full }),
    ...(some !== undefined && { pressureSome: some }),
    limitBytes: Math.max(minute?.limitBytes ?? 0, look.limitBytes),
    needBytes: Math.max(minute?.needBytes ?? 0, look.needBytes),
    limitByteSeconds: (minute?.limitByteSeconds ?? 0) + look.limitBytes * seconds,
    needByteSeconds: (minute?.needByteSeconds ?? 0) + look.needBytes * seconds,
    running: Math.max(minute?.running ?? 0, look.running),
    waiting: Math.max(minute?.waiting ?? 0, look.waiting),
    ...(headWait !== undefined && { headWait }),
  };
}

function highest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}
