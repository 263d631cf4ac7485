import { pathText } from "../../base/schema-problems.ts";
import type { CookbookShelf } from "../../cookbook/cookbook-shelf.ts";
import type { Problem } from "../../domain/problem.ts";
import { ok } from "../../domain/result.ts";
import type { RecipeBook } from "../../planning/recipe/book.ts";
import { namedCookbook, type RecipeReference } from "../../planning/recipe/source.ts";
import { define } from "../context.ts";

/** Everything that is wrong with a recipe, or with all of a cookbook. That there are problems is the answer, not a failure. */
export const recipeCheck = define("recipe.check", async ({ recipe: reference }, context) => {
  const { recipes, shelf } = context;
  const names = await recipesOf(shelf, reference);
  if (names !== undefined && names.length !== 1 && "file" in reference) {
    const { file } = reference;
    return ok({ file, problems: await problemsOfAll(recipes, file, names) });
  }
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

/** The recipes of a cookbook that is named as a whole; it may have stages alone. */
async function recipesOf(
  shelf: CookbookShelf,
  reference: RecipeReference,
): Promise<string[] | undefined> {
  const named = "file" in reference ? namedCookbook(reference.file) : undefined;
  if (named === undefined || named.recipe !== undefined) return undefined;
  const registry = await shelf.registry(named.file);
  return registry.ok ? registry.value.recipes.map(({ name }) => name) : undefined;
}

/** One after the other, as each takes a process; the recipe goes before the place in it. */
async function problemsOfAll(
  recipes: RecipeBook,
  file: string,
  names: readonly string[],
): Promise<Problem[]> {
  const all: Problem[] = [];
  for (const name of names) {
    const recipe = await recipes.open({ file: `${file}#${name}` });
    const problems = recipe.ok ? await recipe.value.check() : (recipe.error.problems ?? []);
    const within = pathText(["recipes", name]);
    all.push(
      ...problems.map((problem) => {
        const field = problem.field === "" ? within : `${within}.${problem.field}`;
        return { ...problem, field };
      }),
    );
  }
  return all;
}
