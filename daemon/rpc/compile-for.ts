import path from "node:path";
import type { Failure } from "../domain/failure.ts";
import type { Plan } from "../domain/plan.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { ConfigLayer } from "../planning/arguments/points.ts";
import { readConfigLayer } from "../planning/arguments/config-layer.ts";
import { compileRecipe } from "../planning/compile/compile-recipe.ts";
import type { RecipeBook } from "../planning/recipe/book.ts";
import { invalidRecipe } from "../planning/recipe/toml-source.ts";
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
  return plan.ok ? plan : err(invalidRecipe(recipe.value.file, plan.error));
}

function configLayer(config: Given["config"]): Result<ConfigLayer | undefined, Failure> {
  if (config === undefined) return ok(undefined);
  const layer = readConfigLayer(config.text, path.resolve(config.file));
  return layer.ok ? layer : err(invalidRecipe(config.file, layer.error));
}
