import type { MemoryAsk } from "./footprint.ts";

/** What a step claims besides memory. Counts are whole; pools and locks are named in the configuration or by use. */
export interface Claims {
  readonly cpus: number;
  readonly pools: Readonly<Record<string, number>>;
  readonly locks: readonly string[];
}

/** How often a step may be tried again, by cause: each cause spends its own budget. */
export interface RetryBudget {
  readonly outOfMemory: number;
  readonly failure: number;
  readonly lost: number;
}

/** Lengths in ms. `softMs` warns by SIGTERM; `hardMs` stops: SIGTERM, `graceMs`, then SIGKILL. */
export interface Timeouts {
  readonly softMs?: number;
  readonly hardMs?: number;
  readonly graceMs: number;
}

/** A stage bound in a plan: one command, what it needs and how it is treated. */
export interface Step {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** Names of the steps that must succeed first. */
  readonly needs: readonly string[];
  readonly memory: MemoryAsk;
  readonly claims: Claims;
  readonly retry: RetryBudget;
  readonly timeouts: Timeouts;
  /** The calibration key: the same text at footprint time and when the peak is recorded. */
  readonly calibrationKey: string;
}

/** The resolved, immutable DAG. An ad-hoc command is a plan of one step. */
export interface Plan {
  readonly version: 1;
  readonly steps: readonly [Step, ...Step[]];
}
