/** What happens when it is time and an earlier run of the same schedule has not ended. */
export const overlapPolicies = ["skip", "queue", "replace"] as const;
export type OverlapPolicy = (typeof overlapPolicies)[number];

/** Which of the instants that were missed are made up for. */
export const catchUpTakes = ["none", "last", "all"] as const;
export type CatchUpTake = (typeof catchUpTakes)[number];

/** Who holds a schedule's clock: this daemon, or a timer unit of systemd, also while no daemon runs. */
export const clockHolders = ["blutd", "systemd"] as const;
export type ClockHolder = (typeof clockHolders)[number];

/** Why an instant came about: the clock, what was missed, a failure before it, or a person. */
export const tickCauses = ["clock", "catch-up", "retry", "person"] as const;
export type TickCause = (typeof tickCauses)[number];

/**
 * What became of an instant.
 *
 *     fired -> succeeded | failed | cancelled     it has a run
 *     skipped | missed | refused                  it has none, and why is on record
 */
export const tickStates = [
  "fired",
  "succeeded",
  "failed",
  "cancelled",
  "skipped",
  "missed",
  "refused",
] as const;
export type TickState = (typeof tickStates)[number];

/** A cron expression as sets of numbers, ready to be asked. Days of the week are 0 (Sunday) to 6. */
export interface CronFields {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: readonly number[];
  /** `L`: the last day of the month. */
  readonly lastDayOfMonth: boolean;
  readonly months: readonly number[];
  readonly daysOfWeek: readonly number[];
  /** `5L`: the last Friday of the month. */
  readonly lastDaysOfWeek: readonly number[];
  /** `5#2`: only the second one of the month. */
  readonly nthOfMonth?: number;
  /** Both are restricted, so that one of them is enough, as cron has it. */
  readonly eitherDay: boolean;
  /** A `*` in the time of day: it follows real time through every change of the clock. */
  readonly isWildcard: boolean;
}

/** When a schedule fires. */
export type Trigger =
  | { readonly kind: "cron"; readonly expression: string; readonly fields: CronFields }
  /** At the multiples of a length since 1970. */
  | { readonly kind: "every"; readonly everyMs: number };

/** What is made up for after a time in which nobody looked at the clock. */
export interface CatchUp {
  readonly take: CatchUpTake;
  /** Nothing older than this. */
  readonly windowMs: number;
  readonly count: number;
}

/** When a schedule fires and what is done about instants that cannot be kept. */
export interface Timing {
  readonly trigger: Trigger;
  /** IANA name of the time zone. */
  readonly zone: string;
  /** Each instant is put off by less than this, always by the same. */
  readonly jitterMs: number;
  readonly overlap: OverlapPolicy;
  readonly catchUp: CatchUp;
  /** A run that has not started so long after its instant is cancelled. */
  readonly startWithinMs?: number;
  readonly onFailure: {
    /** Fires once more so long after a failure. */
    readonly retryAfterMs?: number;
    readonly retries: number;
    /** Stops after so many failures in a row, until somebody enables it. */
    readonly pauseAfter?: number;
  };
}
