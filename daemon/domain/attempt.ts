/**
 * One try at a step.
 *
 *     starting --gate opened--> running --exit report--> ended
 *         \________ never ran, or died on the way _______/
 *
 * `starting` is written before anything is asked of systemd, so a daemon that dies in between finds
 * the intent and the unit by the same name.
 */
export const attemptStates = ["starting", "running", "ended"] as const;
export type AttemptState = (typeof attemptStates)[number];

/** Legal sources of each attempt state; the store moves a row only from one of them. */
export const attemptSources: Readonly<Record<AttemptState, readonly AttemptState[]>> = {
  starting: [],
  running: ["starting"],
  ended: ["starting", "running"],
};

/**
 * Why we asked an attempt to stop. The first one wins and is stored before the signal is sent; but a soft
 * timeout is only a warning, and gives way to whatever stops the attempt in the end.
 */
export const stopCauses = [
  "cancelled",
  "soft-timeout",
  "hard-timeout",
  "stalled",
  "diverged",
] as const;
export type StopCause = (typeof stopCauses)[number];

/** What the stage said, or for how long it said nothing, where that is why it was stopped. */
export type StopFacts =
  { readonly silentMs: number } | { readonly metric: string; readonly value: string };

/** How an attempt ended: one value with one cause. */
export type Outcome =
  | { readonly cause: "succeeded" }
  | { readonly cause: "failed"; readonly exitCode: number }
  | { readonly cause: "out-of-memory"; readonly limitBytes: number }
  | { readonly cause: "killed-from-outside"; readonly by: "box-oom" | "oomd" | "stranger" }
  | { readonly cause: "timed-out"; readonly which: "soft" | "hard" }
  /** It said nothing for longer than its heartbeat allows. */
  | { readonly cause: "stalled"; readonly silentMs: number }
  /** It reported a metric that is not finite; `value` is `NaN`, `Infinity` or `-Infinity`. */
  | { readonly cause: "diverged"; readonly metric: string; readonly value: string }
  | { readonly cause: "cancelled" }
  | { readonly cause: "lost"; readonly why: string }
  | { readonly cause: "could-not-start"; readonly why: string }
  /** The command succeeded, but what it left cannot become an artifact. */
  | { readonly cause: "bad-output"; readonly why: string };

/** What the kernel measured of an attempt; sizes in bytes. A figure nobody measured is absent, never 0. */
export interface Peaks {
  /** `memory.peak`: page cache included. */
  readonly totalBytes?: number;
  /** The highest sum of what cannot be reclaimed; sizing works on this. */
  readonly needBytes?: number;
  readonly oomEvents: number;
  readonly oomKills: number;
  readonly cpuUsageUsec?: number;
  /** The attempt was pressed against its limit, so its peak says "at least", not "at most". */
  readonly rodeLimit: boolean;
  /** Processes that were still there when the command had ended, and were killed. */
  readonly leftovers: number;
}
