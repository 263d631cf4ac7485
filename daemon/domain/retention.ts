/** Why retention takes something: it is too old, there are too many, or they take too much of the disk. */
export const collectReasons = ["age", "count", "size"] as const;
export type CollectReason = (typeof collectReasons)[number];

/** Why a run stays whatever the rule says. */
export const keepReasons = ["pinned", "needed", "retried", "schedule", "just-ended"] as const;
export type KeepReason = (typeof keepReasons)[number];

/** How much of one sort may stay; `Infinity` where there is no limit. */
export interface Allowance {
  readonly ageMs: number;
  readonly count: number;
  readonly bytes: number;
}

/** What may stay of everything that piles up. */
export interface RetentionRule {
  readonly runs: Allowance;
  readonly logs: Allowance;
  /** The newest runs of each name that go last, whatever their age. */
  readonly keepLast: number;
}

/** What the directory of a run takes of the disk. */
export interface RunWeight {
  /** Its logs, and whatever else it left. */
  readonly logBytes: number;
  /** The small files that tell its history. */
  readonly historyBytes: number;
}
