/** A figure and the run it was seen in. */
export interface Evidence {
  readonly bytes: number;
  readonly runId: string;
  /** Epoch ms. */
  readonly at: number;
}

/**
 * What is known of one key's need, as an interval: the need is at least `killedAt` (a limit it died at)
 * and, as far as seen, at most `cleanPeak` (the largest measured peak of a run that succeeded).
 * A bound is never mixed with a measurement.
 */
export interface Calibration {
  readonly key: string;
  readonly cleanPeak?: Evidence;
  readonly killedAt?: Evidence;
  /** Set by a person; wins over everything measured until forgotten or proved too small by a kill. */
  readonly pinned?: Evidence;
  readonly successes: number;
  readonly kills: number;
  /** Measurements refused as impossible (zero, negative, larger than any box). */
  readonly rejected: number;
  /** Epoch ms of the last evidence. */
  readonly lastSeenAt: number;
}
