import { CookbookHost } from "../cookbook/cookbook-host.ts";
import { CookbookShelf } from "../cookbook/cookbook-shelf.ts";
import { CookbookSource } from "../cookbook/cookbook-source.ts";
import type { DaemonConfig } from "../config/config.ts";
import { lookAt } from "../planning/compile/look.ts";
import { RecipeBook } from "../planning/recipe/book.ts";
import { TomlSource } from "../planning/recipe/toml-source.ts";

/** Everything that can be run by name: recipes of both kinds, and the stages of cookbooks. */
export function openRecipes(config: DaemonConfig): { recipes: RecipeBook; shelf: CookbookShelf } {
  const { recipesDir } = config.paths;
  const host = new CookbookHost();
  const shelf = new CookbookShelf(recipesDir, host);
  const toml = new TomlSource(recipesDir, { ...config, look: lookAt });
  return { recipes: new RecipeBook([toml, new CookbookSource(shelf, host, config)]), shelf };
}
