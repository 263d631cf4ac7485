import type { ArgumentSpec } from "../../domain/argument.ts";
import type { Problem } from "../../domain/problem.ts";
import { variableOf } from "../arguments/points.ts";
import { valueProblem } from "../arguments/value.ts";
import type { ProblemAt } from "./problem-at.ts";

/** What is wrong with declared arguments beyond their form: defaults that are not allowed, twin variables. */
export function argumentProblems(
  specs: Readonly<Record<string, ArgumentSpec>>,
  problemAt: ProblemAt,
): Problem[] {
  const problems: Problem[] = [];
  const variables = new Map<string, string>();
  for (const [name, spec] of Object.entries(specs)) {
    const at = (key: string, message: string | undefined): void => {
      if (message !== undefined) problems.push(problemAt(["args", name, key], message));
    };
    at("range", rangeProblem(spec));
    for (const choice of spec.choices ?? []) {
      at("choices", valueProblem(choice, { type: spec.type }));
    }
    if (spec.default !== undefined) at("default", valueProblem(spec.default, spec));
    const twin = variables.get(variableOf(name));
    if (twin !== undefined) {
      const message = `${twin} and ${name} are one variable, ${variableOf(name)}`;
      problems.push(problemAt(["args", name], message));
    }
    variables.set(variableOf(name), name);
  }
  return problems;
}

function rangeProblem({ type, range }: ArgumentSpec): string | undefined {
  if (range === undefined) return undefined;
  if (type !== "int" && type !== "float") return `a ${type} has no range`;
  return range[0] <= range[1] ? undefined : "the smallest value is above the largest";
}
