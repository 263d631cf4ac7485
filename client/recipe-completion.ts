import type { Candidate } from "./candidate.ts";
import type { Link } from "./link.ts";
import { recipeReference } from "./recipe-reference.ts";

/** Recipes that the daemon knows by name. */
export async function recipeNames(link: Link): Promise<Candidate[]> {
  const answer = await link.call("recipe.list", {});
  if (!answer.ok) return [];
  return answer.value.recipes.map(({ name, help = "" }) => ({ value: name, about: help }));
}

/** The arguments of a recipe as `key=`; behind the `=` the choices that it has. */
export async function recipeArguments(
  recipe: string,
  word: string,
  link: Link,
): Promise<Candidate[]> {
  const reference = await recipeReference(recipe, process.cwd());
  if (!reference.ok) return [];
  const answer = await link.call("recipe.get", { recipe: reference.value });
  if (!answer.ok) return [];
  const { args } = answer.value;
  const spec = args.find(({ name }) => word.startsWith(`${name}=`));
  if (spec === undefined) {
    return args.map(({ name, help = "" }) => ({ value: `${name}=`, about: help }));
  }
  const choices = spec.choices ?? (spec.type === "bool" ? ["true", "false"] : []);
  return choices.map((choice) => ({ value: `${spec.name}=${String(choice)}`, about: "" }));
}
