/** What admission knows of the box at one instant; sizes in bytes. */
export interface HostSample {
  /** Monotonic ms at which it was read; an old sample admits nothing. */
  readonly takenAtMs: number;
  readonly memTotalBytes: number;
  readonly memAvailableBytes: number;
  /** PSI `full avg10` of memory in percent; absent where the kernel has no PSI. */
  readonly pressureFullAvg10?: number;
  /** PSI `some avg10`: percent of time that anything stood still. */
  readonly pressureSomeAvg10?: number;
}

/** How attempts are held to their limit. `polling` is a fallback for places without systemd. */
export const containments = ["systemd", "polling"] as const;
export type Containment = (typeof containments)[number];

/** `sun_path` has 108 bytes with its NUL; Node binds and connects to a silently shortened path beyond. */
export const longestSocketPathBytes = 107;
