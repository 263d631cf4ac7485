import type { Outcome } from "./attempt.ts";

/**
 * One execution of a plan.
 *
 *     queued <--requeue-- running --> succeeded | failed | cancelled
 *        \--start--> running            ^          ^        ^
 *         \_____________________________|__ needs _|_ cancel|
 */
export const runStates = ["queued", "running", "succeeded", "failed", "cancelled"] as const;
export type RunState = (typeof runStates)[number];

/** The states that a run never leaves. */
export const finalRunStates = ["succeeded", "failed", "cancelled"] as const;
export type FinalRunState = (typeof finalRunStates)[number];

/** Legal sources of each run state; the store moves a row only from one of them. */
export const runSources: Readonly<Record<RunState, readonly RunState[]>> = {
  queued: ["running"],
  running: ["queued"],
  succeeded: ["running"],
  failed: ["queued", "running"],
  cancelled: ["queued", "running"],
};

/** Tells whether nothing more will happen to a run in this state. */
export function isFinal(state: RunState): state is FinalRunState {
  return (finalRunStates as readonly string[]).includes(state);
}

/** A step's life in a run: `waiting` for steps before it, `ready` for the box, then as its attempts go. */
export const stepStates = [
  "waiting",
  "ready",
  "running",
  "succeeded",
  "failed",
  "cancelled",
  "skipped",
] as const;
export type StepState = (typeof stepStates)[number];

/** Legal sources of each step state. */
export const stepSources: Readonly<Record<StepState, readonly StepState[]>> = {
  waiting: [],
  ready: ["waiting", "running"],
  running: ["ready"],
  succeeded: ["running"],
  failed: ["ready", "running"],
  cancelled: ["waiting", "ready", "running"],
  skipped: ["waiting", "ready"],
};

/** Why a run ended, as data: its last word is an attempt's outcome, or a decision taken without one. */
export type RunEnd =
  | { readonly kind: "outcome"; readonly step: string; readonly outcome: Outcome }
  | {
      readonly kind: "footprint-exceeds-host";
      readonly step: string;
      readonly neededBytes: number;
      readonly ceilingBytes: number;
    }
  | { readonly kind: "needed-run-failed"; readonly runId: string }
  | { readonly kind: "cancelled-while-queued" };
