import path from "node:path";
import { failure, type Failure } from "../domain/failure.ts";
import type { Plan } from "../domain/plan.ts";
import { problemSentence, type Problem } from "../domain/problem.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { ConfigLayer } from "../planning/arguments/points.ts";
import { readConfigLayer } from "../planning/arguments/config-layer.ts";
import { compileRecipe } from "../planning/compile/compile-recipe.ts";
import type { RecipeBook } from "../planning/recipe/book.ts";
import { invalidRecipe } from "../planning/recipe/invalid-recipe.ts";
import type { ParsedParams } from "../protocol/methods.ts";

type Given = Pick<
  ParsedParams<"recipe.plan">,
  "recipe" | "overrides" | "config" | "cwd" | "env" | "maxTrials"
>;

/** The plan that a recipe comes to for what a caller gave; `invalid-recipe` carries everything that is wrong. */
export async function compileFor(
  recipes: RecipeBook,
  { recipe: reference, config, ...request }: Given,
): Promise<Result<Plan, Failure>> {
  const recipe = await recipes.open(reference);
  if (!recipe.ok) return recipe;
  const layer = configLayer(config);
  if (!layer.ok) return layer;
  const plan = await compileRecipe(recipe.value, { ...request, config: layer.value });
  if (plan.ok) return plan;
  const { name, file, kind } = recipe.value;
  // A cookbook may have several.
  const whole = kind === "cookbook" ? `${file}#${name}` : file;
  const called = "name" in reference ? name : whole;
  const isGiven = plan.error.every(
    ({ field, line }) => (field === "" && line === undefined) || field.startsWith("args."),
  );
  return err(isGiven ? invalidArguments(called, plan.error) : invalidRecipe(file, plan.error));
}

/** What is wrong with what a caller gave, not with the recipe, which is called so on a command line. */
function invalidArguments(called: string, problems: readonly Problem[]): Failure {
  const asTyped = problems.map(({ field, message }) => {
    return { field: field.replace(/^args\./, "") || called, message };
  });
  const remedy = `see what it takes: blutctl recipe show ${called}`;
  return failure("invalid-recipe", problemSentence(asTyped), remedy, { problems });
}

function configLayer(config: Given["config"]): Result<ConfigLayer | undefined, Failure> {
  if (config === undefined) return ok(undefined);
  const layer = readConfigLayer(config.text, path.resolve(config.file));
  return layer.ok ? layer : err(invalidRecipe(config.file, layer.error));
}
