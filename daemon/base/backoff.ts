/** How long to wait before the next try: `firstMs`, then `factor` times longer each, up to `longestMs`. */
export interface BackoffPolicy {
  readonly firstMs: number;
  readonly factor: number;
  readonly longestMs: number;
}

/** Length of the wait before try number `tries + 1`; `tries` counts from 1. */
export function backoffMs(policy: BackoffPolicy, tries: number): number {
  return Math.min(policy.longestMs, policy.firstMs * policy.factor ** (tries - 1));
}
