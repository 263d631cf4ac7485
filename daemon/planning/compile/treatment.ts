import type { Claims, RetryBudget, Timeouts } from "../../domain/plan.ts";
import type { Treatment } from "../recipe/schema.ts";

/** Who says how a step is treated: it goes before what is said of all steps. */
export interface Voices {
  readonly step: Treatment;
  readonly common: Treatment;
}

/** What is said of one thing, if anything is. */
export function said<K extends keyof Treatment>(
  { step, common }: Voices,
  key: K,
): Treatment[K] | undefined {
  return step[key] ?? common[key];
}

/** What the step takes besides memory. */
export function claimsOf(voices: Voices): Claims {
  return {
    cpus: said(voices, "cpus") ?? 0,
    gpus: said(voices, "gpus") ?? 0,
    vramBytes: said(voices, "vram") ?? 0,
    pools: { ...voices.common.pools, ...voices.step.pools },
    locks: said(voices, "locks") ?? [],
  };
}

/** How often it is tried again; what nobody says comes from the configuration. */
export function retryOf({ step, common }: Voices, otherwise: RetryBudget): RetryBudget {
  const told = { ...common.retry, ...step.retry };
  return {
    outOfMemory: told["out-of-memory"] ?? otherwise.outOfMemory,
    failure: told.failure ?? otherwise.failure,
    lost: told.lost ?? otherwise.lost,
    timeout: told.timeout ?? otherwise.timeout,
    diverged: told.diverged ?? otherwise.diverged,
  };
}

/** Its timeouts, with the configured grace where nothing is said of one. */
export function timeoutsOf(voices: Voices, graceMs: number): Timeouts {
  const softMs = said(voices, "soft-timeout");
  const hardMs = said(voices, "timeout");
  const heartbeatMs = said(voices, "heartbeat");
  return {
    ...(softMs !== undefined && { softMs }),
    ...(hardMs !== undefined && { hardMs }),
    ...(heartbeatMs !== undefined && { heartbeatMs }),
    graceMs: said(voices, "grace") ?? graceMs,
  };
}

/** A warning that comes with the end or after it warns of nothing. */
export function warnsTooLate(voices: Voices): boolean {
  const { softMs, hardMs } = timeoutsOf(voices, 0);
  return softMs !== undefined && hardMs !== undefined && softMs >= hardMs;
}
