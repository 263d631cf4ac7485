import { stepsOf, type Plan, type Step } from "./plan.ts";

/** A step that another needs. One that is optional may end in any way. */
export interface Need {
  readonly step: string;
  readonly isOptional: boolean;
}

/** A plan as its executor walks it. */
export interface PlanGraph {
  readonly steps: ReadonlyMap<string, Step>;
  /** What each step needs, once each. */
  readonly needs: ReadonlyMap<string, readonly Need[]>;
  /** Who needs a step. */
  readonly dependents: ReadonlyMap<string, readonly Need[]>;
  /** Steps on the longest way from each one to an end of the plan, itself included. */
  readonly weights: ReadonlyMap<string, number>;
  /** Names of the steps that nobody needs. */
  readonly sinks: readonly string[];
}

const graphs = new WeakMap<Plan, PlanGraph>();

/** The graph of a plan, made once for each plan object: plans are immutable. */
export function graphOf(plan: Plan): PlanGraph {
  const known = graphs.get(plan);
  if (known !== undefined) return known;
  const steps = new Map(plan.steps.map((step) => [step.name, step]));
  const needs = new Map(plan.steps.map((step) => [step.name, needsOf(step)]));
  const dependents = reversed(needs);
  const sinks = plan.steps.map(({ name }) => name).filter((name) => !dependents.has(name));
  const graph = { steps, needs, dependents, sinks, weights: weigh(needs, dependents) };
  graphs.set(plan, graph);
  return graph;
}

/** Everything that comes after a step, however far; the step itself is not among it. */
export function downstreamOf({ dependents }: PlanGraph, step: string): Set<string> {
  const found = new Set<string>();
  const open = [step];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const { step: next } of dependents.get(name) ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(next);
    }
  }
  return found;
}

/** What a step needs. One that is wanted by optional inputs alone may fail. */
function needsOf(step: Step): Need[] {
  const required = new Set<string>();
  const optional = new Set<string>();
  for (const { from } of Object.values(step.inputs)) {
    const isOptional = ("step" in from || "steps" in from) && from.optional === true;
    for (const name of stepsOf(from)) (isOptional ? optional : required).add(name);
  }
  return [...new Set([...step.needs, ...required, ...optional])].map((name) => ({
    step: name,
    isOptional: optional.has(name) && !required.has(name),
  }));
}

function reversed(needs: ReadonlyMap<string, readonly Need[]>): Map<string, Need[]> {
  const dependents = new Map<string, Need[]>();
  for (const [name, all] of needs) {
    for (const { step, isOptional } of all) {
      const known = dependents.get(step);
      if (known === undefined) dependents.set(step, [{ step: name, isOptional }]);
      else known.push({ step: name, isOptional });
    }
  }
  return dependents;
}

/** From the sinks up, each step after all that need it; a list instead of recursion, for any depth. */
function weigh(
  needs: ReadonlyMap<string, readonly Need[]>,
  dependents: ReadonlyMap<string, readonly Need[]>,
): Map<string, number> {
  const weights = new Map([...needs.keys()].map((name) => [name, 1]));
  const left = new Map([...dependents].map(([name, all]) => [name, all.length]));
  const open = [...needs.keys()].filter((name) => !left.has(name));
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const weight = (weights.get(name) ?? 1) + 1;
    for (const { step } of needs.get(name) ?? []) {
      weights.set(step, Math.max(weights.get(step) ?? 1, weight));
      const rest = (left.get(step) ?? 1) - 1;
      left.set(step, rest);
      if (rest === 0) open.push(step);
    }
  }
  return weights;
}
