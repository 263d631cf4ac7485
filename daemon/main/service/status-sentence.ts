import { formatBytes } from "../../domain/quantity.ts";
import { stampText, type VersionStamp } from "../../domain/version-stamp.ts";

/** What one sentence about a daemon is made of; sizes in bytes. */
export interface StatusFacts {
  readonly counts: { readonly queued: number; readonly running: number };
  readonly reservedBytes: number;
  readonly budgetBytes: number;
  readonly hold: { readonly mode: "pause" | "drain" } | undefined;
  /** Why the configuration on disk is not in force. */
  readonly refusal: { readonly message: string } | undefined;
  readonly problems: readonly { readonly problem: string }[];
  /** What its files have become under it. */
  readonly onDisk: VersionStamp | undefined;
}

/** How a daemon goes, for the line `Status:` of `systemctl status`: what is wrong stands first. */
export function statusSentence(facts: StatusFacts): string {
  const { counts, reservedBytes, budgetBytes, hold, problems, refusal, onDisk } = facts;
  const parts = [
    ...problems.map(({ problem }) => problem),
    ...(refusal === undefined ? [] : [refusal.message]),
    ...(hold === undefined ? [] : [hold.mode === "pause" ? "paused" : "draining"]),
    ...(onDisk === undefined ? [] : [`a restart brings ${stampText(onDisk)}`]),
    `${counts.running} running, ${counts.queued} waiting`,
    `${formatBytes(reservedBytes)} of ${formatBytes(budgetBytes)} promised`,
  ];
  return parts.join("; ");
}
