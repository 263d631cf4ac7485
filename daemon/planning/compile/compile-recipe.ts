import type { Plan, RecipeOrigin, Step } from "../../domain/plan.ts";
import type { Problem } from "../../domain/problem.ts";
import { err, type Result } from "../../domain/result.ts";
import { fingerprintOf, type Configuration } from "../arguments/fingerprint.ts";
import { pointsOf, type ArgumentLayers } from "../arguments/points.ts";
import { valueJson } from "../arguments/value.ts";
import { checkedPlan } from "../check-plan.ts";
import type { OpenRecipe } from "../recipe/source.ts";
import { mergePoints, type Merged } from "./merge.ts";

/** What a person gives a recipe. */
export type RecipeRequest = Omit<ArgumentLayers, "specs" | "recipeDirectory">;

/** Compiles a recipe for what it is given to one immutable plan, or says everything that is wrong. */
export async function compileRecipe(
  recipe: OpenRecipe,
  request: RecipeRequest,
): Promise<Result<Plan, readonly Problem[]>> {
  const { args: specs, directory: recipeDirectory } = recipe;
  const points = pointsOf({ ...request, specs, recipeDirectory });
  if (!points.ok) return points;
  const drafts = await recipe.drafts(points.value);
  if (!drafts.ok) return drafts;
  return planOf(recipe, mergePoints(drafts.value), originOf(recipe, points.value));
}

/** The plan of these points, checked as a whole. */
export function planOf(
  recipe: Pick<OpenRecipe, "locate">,
  { steps, origins, torn }: Merged,
  origin: RecipeOrigin,
): Result<Plan, readonly Problem[]> {
  const [first, ...others] = steps;
  if (first === undefined) return err([{ field: "steps", message: "has no step" }]);
  const apart = torn.map((step) => {
    const message = "it gathers all points, so nothing else that it uses may differ between them";
    return recipe.locate({ field: `steps.${step}.gather`, message }, step);
  });
  if (apart.length > 0) return err(apart);
  const all: readonly [Step, ...Step[]] = [first, ...others];
  const plan = checkedPlan({ version: 1, steps: all, recipe: origin });
  if (plan.ok) return plan;
  return err(
    plan.error.map((problem) => recipe.locate(problem, origins.get(stepOf(problem.field)))),
  );
}

function originOf(
  { name, file }: Pick<OpenRecipe, "name" | "file">,
  points: readonly Configuration[],
): RecipeOrigin {
  const named = points.map((configuration, i) => {
    const args = Object.entries(configuration).map(([key, value]) => [key, valueJson(value)]);
    return [points.length === 1 ? "" : String(i + 1), Object.fromEntries(args)] as const;
  });
  const fingerprint = fingerprintOf(points);
  return { name, file, points: Object.fromEntries(named), fingerprint };
}

/** `steps.train-2.needs[0]` is about `train-2`. */
function stepOf(field: string): string {
  return field.split(".")[1] ?? "";
}
