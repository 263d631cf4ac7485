/** What the submitter said about memory, in bytes; without `firstBytes` blut decides. */
export interface MemoryAsk {
  readonly firstBytes?: number;
  /** What its author thinks it needs: stands in for the default, and gives way to anything learnt. */
  readonly declaredBytes?: number;
  readonly ceilingBytes?: number;
}

/** Where a limit came from; `explain` turns it into a sentence. */
export type LimitOrigin =
  | { readonly kind: "default" }
  | { readonly kind: "asked" }
  /** By the step's author, while nothing was learnt. */
  | { readonly kind: "declared" }
  | { readonly kind: "measured"; readonly runId: string; readonly peakNeedBytes: number }
  /** Set by a person for the key. */
  | { readonly kind: "pinned" }
  /** `runId` absent: this very run, earlier. */
  | { readonly kind: "escalated"; readonly runId?: string; readonly killedAtBytes: number };

/** The answer to "how much memory?": the limit the kernel will enforce and why. */
export interface Footprint {
  readonly limitBytes: number;
  readonly origin: LimitOrigin;
}
