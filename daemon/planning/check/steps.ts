import { didYouMean } from "../../base/quoted.ts";
import { stepsOf, type Plan, type Step, type WordPart } from "../../domain/plan.ts";
import type { Problem } from "../../domain/problem.ts";

type Steps = ReadonlyMap<string, Step>;

/** What a misspelling is compared with; of a plan of thousands, the first. */
const mostCompared = 1000;

/** What lies beside the steps' directories in a run's own. */
const runsOwn = new Set(["status.jsonl", "lineage.jsonl"]);

/** What is wrong with each step by itself and with the names it uses. */
export function stepProblems(plan: Plan, steps: Steps): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const step of plan.steps) {
    if (seen.has(step.name)) problems.push(twin(step.name));
    else problems.push(...nameProblems(step), ...needProblems(step, steps), ...wordProblems(step));
    seen.add(step.name);
  }
  return problems;
}

function twin(name: string): Problem {
  return { field: `steps.${name}`, message: `two steps are called ${name}` };
}

function nameProblems({ name }: Step): Problem[] {
  if (runsOwn.has(name)) {
    return [{ field: `steps.${name}`, message: "a file of every run has this name; use another" }];
  }
  if (!/\.\d+$/.test(name)) return [];
  const message = "a dot and digits at the end name an element of a mapped step; use a dash";
  return [{ field: `steps.${name}`, message }];
}

/** What comes from an input is told at the input, though it is among the needs as well. */
function needProblems(step: Step, steps: Steps): Problem[] {
  const { name, needs, inputs } = step;
  const problems: Problem[] = [];
  const told = new Set<string>();
  for (const [input, { from }] of Object.entries(inputs)) {
    for (const need of stepsOf(from)) {
      told.add(need);
      const message = needProblem(need, step, steps);
      if (message !== undefined) problems.push({ field: `steps.${name}.inputs.${input}`, message });
    }
  }
  for (const [i, need] of needs.entries()) {
    const message = told.has(need) ? undefined : needProblem(need, step, steps);
    if (message !== undefined) problems.push({ field: `steps.${name}.needs[${i}]`, message });
  }
  return problems;
}

function needProblem(need: string, { name }: Step, steps: Steps): string | undefined {
  if (need === name) return "it needs itself";
  if (steps.has(need)) return undefined;
  return `there is no step ${need}${didYouMean(need, [...steps.keys()].slice(0, mostCompared))}`;
}

/** A command line may name what is always there: an input that may be left out is in `context.json`. */
function wordProblems({ name, argv, inputs }: Step): Problem[] {
  const problems: Problem[] = [];
  for (const [i, word] of argv.entries()) {
    if (typeof word === "string") continue;
    for (const part of word) {
      const message = partProblem(part, inputs);
      if (message !== undefined) problems.push({ field: `steps.${name}.argv[${i}]`, message });
    }
  }
  return problems;
}

function partProblem(part: WordPart, inputs: Step["inputs"]): string | undefined {
  if (typeof part === "string" || !("input" in part)) return undefined;
  const input = Object.hasOwn(inputs, part.input) ? inputs[part.input] : undefined;
  if (input === undefined) {
    return `there is no input ${part.input}${didYouMean(part.input, Object.keys(inputs))}`;
  }
  if ("step" in input.from && input.from.optional === true) {
    return `the input ${part.input} is optional: a command line cannot name it, context.json can`;
  }
  return undefined;
}
