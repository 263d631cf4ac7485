import { ok } from "../../domain/result.ts";
import { compileRecipe } from "../../planning/compile/compile-recipe.ts";
import { define } from "../context.ts";
import { recipeCard } from "../views/recipe-view.ts";

/** One recipe: its arguments, and the steps that its defaults come to. */
export const recipeGet = define("recipe.get", async ({ recipe: reference }, { recipes }) => {
  const recipe = await recipes.open(reference);
  if (!recipe.ok) return recipe;
  const problems = await recipe.value.check();
  const { directory: cwd } = recipe.value;
  const plan = await compileRecipe(recipe.value, { env: {}, overrides: [], cwd });
  return ok(recipeCard(recipe.value, problems, plan.ok ? plan.value : undefined));
});
