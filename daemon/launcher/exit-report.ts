import type { Peaks } from "../domain/attempt.ts";

/** What the shim wrote when the command had ended, or why it never started it. */
export type ShimRecord =
  | {
      readonly kind: "exited";
      readonly status: number;
      /** Everything in the attempt was sent SIGTERM before, by whomever. */
      readonly told?: true;
    }
  | { readonly kind: "could-not-start"; readonly why: string };

/** Everything known about an ended attempt, as facts; the executor judges them. */
export interface ExitReport {
  /** Absent when everything in the attempt was killed, the shim too. */
  readonly record?: ShimRecord;
  /** The command got as far as its first instruction. */
  readonly started: boolean;
  /** Epoch ms of the first instruction, where the shim could still say so. */
  readonly startedAt?: number;
  /**
   * Who killed, as far as the kernel and systemd say: the attempt's own limit, the box's (or the
   * budget slice's) out-of-memory killer, systemd-oomd, or systemd's own wall limit.
   */
  readonly killer?: "own-limit" | "box-oom" | "oomd" | "wall-limit";
  /** Why nothing is left to tell how it ended, where that much is known. */
  readonly lostWhy?: string;
  readonly peaks: Peaks;
}

/** The report of an attempt of which nothing ran, or nothing is left to tell. */
export const nothingKnown: ExitReport = {
  started: false,
  peaks: { oomEvents: 0, oomKills: 0, rodeLimit: false, leftovers: 0 },
};
