import type { Command } from "commander";
import { recipeReference } from "../recipe-reference.ts";
import { recipeCard } from "../render/recipe-view.ts";
import type { Act } from "../verb.ts";

/** `recipe show`: what a recipe takes and what it does. */
export function define(command: Command, act: Act): void {
  command.argument("<recipe>", "a name or a file").action((word: string) =>
    act(command, async (session) => {
      const recipe = await recipeReference(word, session.around.cwd());
      if (!recipe.ok) return session.refuse(recipe.error);
      return session.ask("recipe.get", { recipe: recipe.value }, recipeCard);
    }),
  );
}
