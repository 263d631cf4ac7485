import type { FailureReason } from "../daemon/protocol/units.ts";

/** Why a verb did not do what was asked: the daemon's reasons, and the client's own three. */
export type RefusalReason = FailureReason | "usage" | "no-answer" | "internal-error";

/** An expected failure as the client shows it: one sentence, what to do about it, and the facts behind it. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly message: string;
  readonly remedy: string;
  readonly retryable: boolean;
  readonly data?: unknown;
}

/** A {@link Refusal} of what was typed. */
export function usage(message: string, remedy: string): Refusal {
  return { reason: "usage", message, remedy, retryable: false };
}

/** A {@link Refusal} of a file that was named, because of what the system threw. */
export function unreadable(typed: string, thrown: unknown, remedy: string): Refusal {
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  // The system's own sentence ends with the call and the file again.
  return usage(`${typed} cannot be read: ${why.replace(/, \w+( '.*')?$/, "")}`, remedy);
}

/** A {@link Refusal} because no daemon answered. */
export function noAnswer(message: string, remedy: string): Refusal {
  return { reason: "no-answer", message, remedy, retryable: true };
}
