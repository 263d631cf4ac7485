import { failure, type Failure } from "../domain/failure.ts";
import { stepsOf, type Plan, type Step } from "../domain/plan.ts";
import { problemSentence, type Problem } from "../domain/problem.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { wordText } from "../domain/word.ts";
import { calibrationKeyOf } from "./calibration-key.ts";
import { cycleProblem } from "./check/cycle.ts";
import { kindProblems } from "./check/kinds.ts";
import { publishProblems } from "./check/published.ts";
import { stepProblems } from "./check/steps.ts";

/** Problems named at once; whoever made more of them made them all in one way. */
const mostNamed = 100;

/** The one way into the store: a plan with everything filled in that follows from the rest, or what is wrong. */
export function checkedPlan(plan: Plan): Result<Plan, readonly Problem[]> {
  const finished = finishedPlan(plan);
  const problems = planProblems(finished);
  return problems.length === 0 ? ok(finished) : err(problems);
}

/**
 * Everything that is wrong with a plan as a whole, each with its place; of a twin name, an unknown step or
 * a cycle nothing that only follows from it. Takes time by steps and edges, and no stack by depth.
 */
export function planProblems(plan: Plan): readonly Problem[] {
  const steps = new Map(plan.steps.map((step) => [step.name, step]));
  const problems = [
    ...stepProblems(plan, steps),
    ...kindProblems(plan, steps),
    ...publishProblems(plan),
  ];
  const cycle = cycleProblem(steps);
  if (cycle !== undefined) problems.push(cycle);
  return problems.slice(0, mostNamed);
}

/** A refusal with everything that is wrong with a plan. */
export function invalidPlan(problems: readonly Problem[]): Failure {
  const message = `the plan cannot be run: ${problemSentence(problems)}`;
  return failure("invalid-plan", message, "mend what is named; nothing was stored", { problems });
}

/** Steps need what their inputs come from, and learn their memory by their program where nothing else is said. */
function finishedPlan(plan: Plan): Plan {
  const [first, ...others] = plan.steps;
  return { ...plan, steps: [finishedStep(first), ...others.map(finishedStep)] };
}

function finishedStep(step: Step): Step {
  const from = Object.values(step.inputs).flatMap((input) => stepsOf(input.from));
  const needs = [...new Set([...step.needs, ...from])];
  const { calibrationKey } = step;
  if (needs.length === step.needs.length && calibrationKey !== "") return step;
  const [program, ...rest] = step.argv;
  const argv = [wordText(program), ...rest.map(wordText)] as const;
  return {
    ...step,
    needs,
    calibrationKey: calibrationKey === "" ? calibrationKeyOf(argv, step.cwd) : calibrationKey,
  };
}
