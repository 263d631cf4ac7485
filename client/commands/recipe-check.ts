import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { addExamples } from "../help-text.ts";
import { isPath, recipeReference } from "../recipe-reference.ts";
import { problemLines } from "../render/problem-lines.ts";
import type { Act } from "../verb.ts";

/** `recipe check`: every problem at once, as FILE:LINE:COL: message. */
export function define(command: Command, act: Act): void {
  command.description(
    "Tell everything that is wrong with a recipe, or with all recipes of a cookbook, each as FILE:LINE:COLUMN: message.",
  );
  addExamples(command, "blutctl recipe check ./digits.toml");
  command
    .argument("<recipe>", "a name or a file")
    .addHelpText("after", "\nExits 2 when something is wrong.")
    .action((word: string) =>
      act(command, async (session) => {
        const recipe = await recipeReference(word, session.around.cwd());
        if (!recipe.ok) return session.refuse(recipe.error);
        const answer = await session.link.call("recipe.check", { recipe: recipe.value });
        if (!answer.ok) return session.refuse(answer.error);
        const { file, problems } = answer.value;
        const { output } = session;
        if (output.json) output.value(answer.value);
        else {
          // As it was typed, so that an editor that was started here finds it.
          const named = isPath(word) ? word.replace(/(?<=\.ts)#.*$/, "") : file;
          output.result(problemLines(output.style, named, problems).join("\n"));
          if (problems.length === 0) output.note(`${named}: nothing is wrong`);
        }
        return problems.length === 0 ? exitCodes.success.code : exitCodes.usage.code;
      }),
    );
}
