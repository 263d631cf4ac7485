import {
  elementKind,
  kindFits,
  listOf,
  stepsOf,
  type Input,
  type Plan,
  type Step,
} from "../../domain/plan.ts";
import type { Problem } from "../../domain/problem.ts";

type Steps = ReadonlyMap<string, Step>;

/** Inputs that take what their source does not leave, and maps over what is no list. */
export function kindProblems(plan: Plan, steps: Steps): Problem[] {
  const problems: Problem[] = [];
  for (const step of plan.steps) {
    for (const [name, input] of Object.entries(step.inputs)) {
      const field = `steps.${step.name}.inputs.${name}`;
      for (const message of inputProblems(input, steps)) problems.push({ field, message });
    }
    const message = mapProblem(step);
    if (message !== undefined) problems.push({ field: `steps.${step.name}.map`, message });
  }
  return problems;
}

/** The kind of what a step leaves, as others see it: of a mapped one the list of all. */
function kindOf({ output, map }: Step): string | undefined {
  if (output === undefined) return undefined;
  return map === undefined ? output.kind : listOf(output.kind);
}

function inputProblems({ kind, from }: Input, steps: Steps): string[] {
  const gathers = "steps" in from;
  const wanted = gathers && kind !== "any" ? elementKind(kind) : kind;
  if (wanted === undefined)
    return [`the outputs of several steps are a list, and it takes ${kind}`];
  return stepsOf(from).flatMap((name) => {
    const step = steps.get(name);
    // A step that is not there is among the problems of `needs`.
    if (step === undefined) return [];
    const given = kindOf(step);
    if (given === undefined) return [`${name} has no output`];
    return kindFits(given, wanted) ? [] : [`it takes ${wanted}, and ${name} leaves ${given}`];
  });
}

function mapProblem({ map, inputs }: Step): string | undefined {
  if (map === undefined) return undefined;
  const over = Object.hasOwn(inputs, map) ? inputs[map] : undefined;
  if (over === undefined) return `there is no input ${map} to map over`;
  if (elementKind(over.kind) === undefined) {
    return `the input ${map} is ${over.kind}, and only a list can be mapped over`;
  }
  return "path" in over.from
    ? `the input ${map} is a path, and only what a step left, or a stored artifact, can be mapped over`
    : undefined;
}
