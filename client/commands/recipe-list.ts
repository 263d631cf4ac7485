import type { Command } from "commander";
import { recipeTable } from "../render/recipe-view.ts";
import type { Act } from "../verb.ts";

/** `recipe list`: recipes that have a name, with their arguments. */
export function define(command: Command, act: Act): void {
  command.action(() => act(command, (session) => session.ask("recipe.list", {}, recipeTable)));
}
