import path from "node:path";
import { pathText } from "../base/schema-problems.ts";
import { failure, type Failure } from "../domain/failure.ts";
import type { Problem } from "../domain/problem.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { homeOf } from "../planning/calibration-key.ts";
import type { PlanDefaults } from "../planning/compile/step.ts";
import { argumentProblems } from "../planning/recipe/argument-problems.ts";
import { invalidRecipe } from "../planning/recipe/invalid-recipe.ts";
import {
  namedCookbook,
  type ListedRecipe,
  type OpenRecipe,
  type RecipeReference,
  type RecipeSource,
} from "../planning/recipe/source.ts";
import type { CookbookHost } from "./cookbook-host.ts";
import { CookbookRecipe } from "./cookbook-recipe.ts";
import type { CookbookShelf } from "./cookbook-shelf.ts";
import type { RecipeEntry } from "./registry.ts";

/** Recipes in TypeScript: those of the recipe directory, and any `FILE.ts` or `FILE.ts#RECIPE`. */
export class CookbookSource implements RecipeSource {
  readonly #shelf: CookbookShelf;
  readonly #host: CookbookHost;
  readonly #defaults: Pick<PlanDefaults, "retry" | "graceMs">;

  constructor(
    shelf: CookbookShelf,
    host: CookbookHost,
    defaults: Pick<PlanDefaults, "retry" | "graceMs">,
  ) {
    this.#shelf = shelf;
    this.#host = host;
    this.#defaults = defaults;
  }

  async list(): Promise<readonly ListedRecipe[]> {
    const shelved = await this.#shelf.all();
    return shelved.flatMap(({ file, registry }): ListedRecipe[] => {
      const about = { kind: "cookbook", file } as const;
      if (registry.ok) {
        return registry.value.recipes.map((recipe) => {
          return { ...about, ...recipe, problems: declaredProblems(recipe) };
        });
      }
      const name = path.basename(file, ".ts");
      const { problems } = registry.error;
      return [{ ...about, name, args: {}, problems }];
    });
  }

  async open(reference: RecipeReference): Promise<Result<OpenRecipe, Failure> | undefined> {
    return "name" in reference ? this.#named(reference.name) : this.#given(reference.file);
  }

  async #named(name: string): Promise<Result<OpenRecipe, Failure> | undefined> {
    const found = (await this.#shelf.all()).flatMap(({ file, registry }) => {
      const recipe = registry.ok && registry.value.recipes.find((one) => one.name === name);
      return recipe ? [{ file, recipe }] : [];
    });
    const [only, twin] = found;
    if (only === undefined) return undefined;
    if (twin === undefined) return this.#opened(only.recipe, only.file);
    const message = `two recipes are called ${name}: ${only.file} and ${twin.file}`;
    return err(failure("ambiguous", message, `say which: ${only.file}#${name}`));
  }

  async #given(reference: string): Promise<Result<OpenRecipe, Failure> | undefined> {
    const named = namedCookbook(reference);
    if (named === undefined) return undefined;
    const { file, recipe: name } = named;
    const registry = await this.#shelf.registry(file);
    if (!registry.ok) return registry;
    const { recipes } = registry.value;
    const [only, another] = name === undefined ? recipes : recipes.filter((r) => r.name === name);
    if (only !== undefined && another === undefined) return this.#opened(only, file);
    const names = recipes.map((recipe) => recipe.name).join(", ");
    return only === undefined
      ? err(failure("not-found", `${file} has no such recipe`, `it has ${names || "none"}`))
      : err(
          failure(
            "ambiguous",
            `${file} has several recipes: ${names}`,
            `say which: ${file}#${only.name}`,
          ),
        );
  }

  #opened(recipe: RecipeEntry, file: string): Result<OpenRecipe, Failure> {
    const problems = declaredProblems(recipe);
    if (problems.length > 0) return err(invalidRecipe(`${file}#${recipe.name}`, problems));
    const home = homeOf(path.dirname(file), this.#shelf.directory);
    return ok(new CookbookRecipe(recipe, file, this.#host, { ...this.#defaults, home }));
  }
}

/** What is wrong with the arguments that its author declares. */
function declaredProblems({ args }: RecipeEntry): Problem[] {
  return argumentProblems(args, (at, message) => ({ field: pathText(at), message }));
}
