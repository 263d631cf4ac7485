import { failure, type Failure } from "../../domain/failure.ts";
import type { Problem } from "../../domain/problem.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { homeOf } from "../calibration-key.ts";
import type { PlanDefaults } from "../compile/step.ts";
import { filesIn, readText } from "./files.ts";
import { invalidRecipe } from "./invalid-recipe.ts";
import { nameOfFile, readRecipe, type Recipe } from "./read-recipe.ts";
import {
  namedCookbook,
  type ListedRecipe,
  type OpenRecipe,
  type RecipeReference,
  type RecipeSource,
} from "./source.ts";
import { TomlRecipe } from "./toml-recipe.ts";

/** Recipes in TOML: files that a client sends, and those in the recipe directory. */
export class TomlSource implements RecipeSource {
  readonly #directory: string | undefined;
  readonly #defaults: Omit<PlanDefaults, "home">;

  constructor(directory: string | undefined, defaults: Omit<PlanDefaults, "home">) {
    this.#directory = directory;
    this.#defaults = defaults;
  }

  list(): Promise<readonly ListedRecipe[]> {
    return Promise.resolve(
      filesIn(this.#directory, ".toml").map((file): ListedRecipe => {
        const recipe = readFile(file);
        if (!recipe.ok) {
          const problems = recipe.error;
          return { kind: "recipe", name: nameOfFile(file), file, args: {}, problems };
        }
        const { name, help, args } = recipe.value;
        const about = help === undefined ? {} : { help };
        return { kind: "recipe", name, file, ...about, args, problems: recipe.value.faults };
      }),
    );
  }

  async open(reference: RecipeReference): Promise<Result<OpenRecipe, Failure> | undefined> {
    return "name" in reference ? this.#named(reference.name) : this.#given(reference);
  }

  async #given({
    file,
    text,
  }: {
    readonly file: string;
    readonly text?: string | undefined;
  }): Promise<Result<OpenRecipe, Failure> | undefined> {
    // Whatever has no other owner is taken for TOML: its problems say what it is not.
    if (namedCookbook(file) !== undefined) return undefined;
    return this.#opened(text === undefined ? readFile(file) : readRecipe(text, file), file);
  }

  /** By the name that it gives itself, else by its file's. */
  async #named(name: string): Promise<Result<OpenRecipe, Failure> | undefined> {
    const found = filesIn(this.#directory, ".toml").flatMap((file) => {
      const recipe = readFile(file);
      const called = recipe.ok ? recipe.value.name : nameOfFile(file);
      return called === name ? [{ file, recipe }] : [];
    });
    const [only, twin] = found;
    if (only === undefined) return undefined;
    if (twin === undefined) return this.#opened(only.recipe, only.file);
    const message = `two recipes are called ${name}: ${only.file} and ${twin.file}`;
    return err(failure("ambiguous", message, "name the file instead"));
  }

  async #opened(
    recipe: Result<Recipe, readonly Problem[]>,
    file: string,
  ): Promise<Result<OpenRecipe, Failure>> {
    if (!recipe.ok) return err(invalidRecipe(file, recipe.error));
    const home = homeOf(recipe.value.directory, this.#directory);
    const opened = new TomlRecipe(recipe.value, { ...this.#defaults, home });
    if (recipe.value.faults.length === 0) return ok(opened);
    return err(invalidRecipe(file, await opened.check()));
  }
}

function readFile(file: string): Result<Recipe, readonly Problem[]> {
  const text = readText(file);
  return text.ok ? readRecipe(text.value, file) : err([{ field: "", message: text.error }]);
}
