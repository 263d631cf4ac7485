import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { recipeView } from "../views/recipe-view.ts";

/** Recipes that have a name; those that cannot be read say why. */
export const recipeList = define("recipe.list", async (_params, { recipes, config }) => {
  const { recipesDir: directory } = config.paths;
  const listed = await recipes.list();
  return ok({
    ...(directory !== undefined && { directory }),
    recipes: listed.map((recipe) => recipeView(recipe, recipe.problems)),
  });
});
