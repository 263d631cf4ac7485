import type { Command } from "commander";
import { recipeTable } from "../render/recipe-view.ts";
import type { Act } from "../verb.ts";

/** `recipe list`: recipes that have a name, with their arguments. */
export function define(command: Command, act: Act): void {
  command.description(
    "List the recipes that have a name, those of the recipes directory, with the arguments that they take.",
  );
  command.action(() => act(command, (session) => session.ask("recipe.list", {}, recipeTable)));
}
