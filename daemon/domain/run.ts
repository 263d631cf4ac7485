import type { Outcome } from "./attempt.ts";
import type { RunId } from "./ids.ts";

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

/**
 * A step's life in a run: `waiting` for steps before it, `resolving` while its inputs are digested and its
 * result is looked for, `ready` for the box, then as its attempts go. A result that was there already is a
 * success without an attempt. `pruned`: it diverged, or needed one that did; `skipped`: it needed one that
 * failed. A mapped step is `running` while its elements, which are steps of their own, go their way, and
 * `resolving` once more while their artifacts are put together.
 */
export const stepStates = [
  "waiting",
  "resolving",
  "ready",
  "running",
  "succeeded",
  "failed",
  "cancelled",
  "skipped",
  "pruned",
] as const;
export type StepState = (typeof stepStates)[number];

/** Legal sources of each step state. */
export const stepSources: Readonly<Record<StepState, readonly StepState[]>> = {
  waiting: [],
  resolving: ["waiting", "running"],
  ready: ["waiting", "resolving", "running"],
  running: ["resolving", "ready"],
  succeeded: ["resolving", "running"],
  failed: ["resolving", "ready", "running"],
  cancelled: ["waiting", "resolving", "ready", "running"],
  skipped: ["waiting", "resolving", "ready"],
  pruned: ["waiting", "resolving", "ready", "running"],
};

/** The states that a step never leaves. */
export const finalStepStates = ["succeeded", "failed", "cancelled", "skipped", "pruned"] as const;

/** Tells whether nothing more will happen to a step in this state. */
export function isFinalStep(state: StepState): boolean {
  return (finalStepStates as readonly string[]).includes(state);
}

/** A step of a run. */
export interface StepPlace {
  readonly runId: RunId;
  readonly step: string;
}

/** Why a run ended, as data: its last word is an attempt's outcome, or a decision taken without one. */
export type RunEnd =
  | { readonly kind: "outcome"; readonly step: string; readonly outcome: Outcome }
  | {
      readonly kind: "footprint-exceeds-host";
      readonly step: string;
      readonly neededBytes: number;
      readonly ceilingBytes: number;
    }
  /** What a step works on cannot be read, or is not what the plan says it is. */
  | { readonly kind: "bad-input"; readonly step: string; readonly why: string }
  | { readonly kind: "needed-run-failed"; readonly runId: string }
  | { readonly kind: "cancelled-while-queued" };
