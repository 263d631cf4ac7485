import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";

/** Everything that is wrong with a recipe. That it has problems is the answer, not a failure. */
export const recipeCheck = define("recipe.check", async ({ recipe: reference }, { recipes }) => {
  const recipe = await recipes.open(reference);
  if (recipe.ok) {
    const { file, name } = recipe.value;
    return ok({ file, name, problems: [...(await recipe.value.check())] });
  }
  const { problems, data } = recipe.error;
  if (problems === undefined) return recipe;
  const file = "file" in reference ? reference.file : String(data?.["file"] ?? "");
  return ok({ file, problems: [...problems] });
});
