import type { AttemptId } from "./ids.ts";

/** Capacity held for one live attempt, from the decision until its end is recorded. */
export interface Reservation {
  readonly attemptId: AttemptId;
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly gpus: number;
  readonly vramBytes: number;
  /** Indices of the devices it was given; as many as it claims. */
  readonly devices: readonly number[];
  readonly pools: Readonly<Record<string, number>>;
  readonly locks: readonly string[];
}

/** One word for why a step waits; the sentence and the remedy come with it. */
export const waitReasons = [
  "paused",
  "draining",
  "systemd-away",
  "disk-low",
  "waits-for-run",
  "waits-for-step",
  "backing-off",
  "memory-budget",
  "memory-available",
  "memory-pressure",
  "stale-sample",
  "cpus",
  "gpus",
  "pool",
  "lock",
  "head-of-line",
  "next",
] as const;
export type WaitReason = (typeof waitReasons)[number];

/** Why a step is not running yet: a word, a sentence with the numbers, and what would unblock it. */
export interface Wait {
  readonly reason: WaitReason;
  readonly message: string;
  readonly unblocks: string;
}
