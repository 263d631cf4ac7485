import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import { recipeReference } from "../recipe-reference.ts";
import { recipeCard } from "../render/recipe-view.ts";
import type { Act } from "../verb.ts";

/** `recipe show`: what a recipe takes and what it does. */
export function define(command: Command, act: Act): void {
  command.description(
    "Show what a recipe takes and what it does: its arguments, and its steps with what they read.",
  );
  addExamples(command, "blutctl recipe show digits");
  command.argument("<recipe>", "a name or a file").action((word: string) =>
    act(command, async (session) => {
      const recipe = await recipeReference(word, session.around.cwd());
      if (!recipe.ok) return session.refuse(recipe.error);
      return session.ask("recipe.get", { recipe: recipe.value }, recipeCard);
    }),
  );
}
