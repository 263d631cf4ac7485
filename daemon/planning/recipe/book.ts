import { didYouMean } from "../../base/quoted.ts";
import { failure, type Failure } from "../../domain/failure.ts";
import { err, type Result } from "../../domain/result.ts";
import type { ListedRecipe, OpenRecipe, RecipeReference, RecipeSource } from "./source.ts";

/** Recipes of every kind, as one. */
export class RecipeBook {
  readonly #sources: readonly RecipeSource[];

  constructor(sources: readonly RecipeSource[]) {
    this.#sources = sources;
  }

  /** Every recipe that has a name, by that name. */
  async list(): Promise<readonly ListedRecipe[]> {
    const lists = await Promise.all(this.#sources.map((source) => source.list()));
    return lists.flat().sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /** The recipe that is meant; `not-found` names the nearest. */
  async open(reference: RecipeReference): Promise<Result<OpenRecipe, Failure>> {
    for (const source of this.#sources) {
      const found = await source.open(reference);
      if (found !== undefined) return found;
    }
    if (!("name" in reference)) {
      const message = `nothing here reads recipes like ${reference.file}`;
      return err(failure("not-found", message, "give a .toml or .ts file"));
    }
    const { name } = reference;
    const known = (await this.list()).map((recipe) => recipe.name);
    return err(
      failure(
        "not-found",
        `no recipe is called ${name}${didYouMean(name, known)}`,
        "list them: blutctl recipe list; a file is named with its .toml or a slash",
      ),
    );
  }
}
