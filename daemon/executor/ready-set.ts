import type { Plan } from "../domain/plan.ts";
import type { StepState } from "../domain/run.ts";

type States = ReadonlyMap<string, StepState>;

/** Names of the waiting steps whose needs have all succeeded, in plan order. */
export function readySteps(plan: Plan, states: States): string[] {
  return plan.steps
    .filter((step) => states.get(step.name) === "waiting")
    .filter((step) => step.needs.every((need) => states.get(need) === "succeeded"))
    .map((step) => step.name);
}

/** Where a run stands by its steps: every one succeeded, none can go on any more, or there is work left. */
export function standing(states: States): "succeeded" | "stuck" | "going" {
  const all = [...states.values()];
  if (all.every((state) => state === "succeeded")) return "succeeded";
  return all.some((state) => state === "ready" || state === "running") ? "going" : "stuck";
}
