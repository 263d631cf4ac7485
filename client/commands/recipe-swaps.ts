import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import { recipeReference } from "../recipe-reference.ts";
import { swapTable } from "../render/stage-table.ts";
import type { Act } from "../verb.ts";
import { definedVariables } from "./submit-options.ts";

/** `recipe swap-candidates`: stages that could stand where a step stands. */
export function define(command: Command, act: Act): void {
  command.description(
    "List the stages that could stand where a step stands: they take and leave the same kinds.",
  );
  addExamples(command, "blutctl recipe swap-candidates digits train");
  command
    .argument("<recipe>", "name of a recipe, or a .toml or .ts file")
    .argument("<step>", "name of a step of its plan")
    .argument("[key=value...]", "arguments")
    .action((word: string, step: string, overrides: string[]) =>
      act(command, async (session) => {
        const { around } = session;
        const cwd = around.cwd();
        const recipe = await recipeReference(word, cwd);
        if (!recipe.ok) return session.refuse(recipe.error);
        const params = {
          recipe: recipe.value,
          step,
          overrides,
          cwd,
          env: definedVariables(around.env),
        };
        return session.ask("recipe.swaps", params, swapTable);
      }),
    );
}
