import type { Problem } from "./problem.ts";

/** Every machine-readable reason blut gives for saying no. Tools match on these, so they never change. */
export const failureReasons = [
  "invalid-request",
  "invalid-plan",
  "invalid-recipe",
  "cookbook-failed",
  "bad-input",
  "bad-output",
  "not-found",
  "ambiguous",
  "wrong-state",
  "never-fits",
  "dedupe-conflict",
  "queue-full",
  "storage-full",
  "storage-failed",
  "database-corrupt",
  "database-newer",
  "sqlite-unsafe",
  "state-in-use",
  "state-unsafe",
  "invalid-config",
  "containment-unavailable",
  "could-not-start",
  "socket-unusable",
  "too-many-requests",
  "slow-reader",
] as const;

export type FailureReason = (typeof failureReasons)[number];

/**
 * An expected failure. `message` is one sentence for a person, `remedy` says what to do about it,
 * `retryable` whether the same call may succeed later unchanged, `data` the facts behind the sentence.
 */
export interface Failure {
  readonly reason: FailureReason;
  readonly message: string;
  readonly remedy: string;
  readonly retryable: boolean;
  readonly data?: Readonly<Record<string, string | number | boolean | null>>;
  /** Everything that is wrong with the document it is about. */
  readonly problems?: readonly Problem[];
}

/** Builds a {@link Failure}; not retryable unless said so. */
export function failure(
  reason: FailureReason,
  message: string,
  remedy: string,
  more: Partial<Pick<Failure, "retryable" | "data" | "problems">> = {},
): Failure {
  return { reason, message, remedy, retryable: false, ...more };
}
