import type { ArgumentSpecs } from "../../domain/argument.ts";
import type { Plan } from "../../domain/plan.ts";
import type { Problem } from "../../domain/problem.ts";
import type { ListedRecipe, OpenRecipe } from "../../planning/recipe/source.ts";
import { valueJson } from "../../planning/arguments/value.ts";
import type { MethodResult } from "../../protocol/methods.ts";
import { argvLine } from "./command-line.ts";

type Shown = MethodResult<"recipe.list">["recipes"][number];
type Scalar = string | number | boolean;

/** A recipe as lists show it. */
export function recipeView(
  { name, kind, file, help, args }: Omit<ListedRecipe, "problems">,
  problems: readonly Problem[],
): Shown {
  const about = help === undefined ? {} : { help };
  return { name, kind, file, ...about, args: argumentViews(args), problems: [...problems] };
}

/** The same with the steps that its defaults come to. */
export function recipeCard(
  recipe: OpenRecipe,
  problems: readonly Problem[],
  plan: Plan | undefined,
): MethodResult<"recipe.get"> {
  const steps = (plan?.steps ?? []).map((step) => ({
    name: step.name,
    needs: [...step.needs],
    command: argvLine(step.argv),
    ...(step.output !== undefined && { output: step.output.kind }),
  }));
  return { ...recipeView(recipe, problems), steps };
}

/** Arguments as lists show them. */
export function argumentViews(specs: ArgumentSpecs): Shown["args"] {
  // JSON has no word for numbers that are not finite: valueJson gives their names.
  const scalar = (value: Scalar): Scalar => valueJson(value) as Scalar;
  return Object.entries(specs).map(([name, spec]) => ({
    name,
    type: spec.type,
    ...(spec.default !== undefined && { default: scalar(spec.default) }),
    ...(spec.range !== undefined && { range: spec.range.map(scalar) }),
    ...(spec.choices !== undefined && { choices: spec.choices.map(scalar) }),
    ...(spec.help !== undefined && { help: spec.help }),
  }));
}
