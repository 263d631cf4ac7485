import { resolve } from "node:path";
import type { Command } from "commander";
import type { Params } from "../../daemon/protocol/methods.ts";
import { err, ok, type Result } from "../../daemon/protocol/units.ts";
import { readText, recipeReference } from "../recipe-reference.ts";
import type { Refusal } from "../refusal.ts";
import type { Surroundings } from "../session.ts";
import { definedVariables, given, readCount } from "./submit-options.ts";

type Asked = Pick<
  Params<"recipe.plan">,
  "recipe" | "overrides" | "config" | "cwd" | "env" | "maxTrials"
>;

interface RecipeOptions {
  readonly config?: string;
  readonly maxTrials?: number;
}

const grammar = `
What an argument may be:
  key=value          one value; a=1,2,4 or a=choice(1,2,4) is a sweep
  a=range(1,9,2)     numbers from 1 to before 9
  a=glob(m*)         the choices that match
  +key=value         an argument that the recipe does not declare
  ~key               no value at all
  BLUT_ARG_KEY       the same as a variable; what is typed goes first`;

/** Declares a recipe and what is given to it. */
export function addRecipeOptions(command: Command): Command {
  return command
    .argument("<recipe>", "a name, or a file with a slash or ending in .toml or .ts")
    .argument("[overrides...]", "its arguments: key=value")
    .option("--config <file>", "a TOML file of arguments, over the recipe's defaults")
    .option("--max-trials <n>", "points that a sweep may have", readCount)
    .addHelpText("after", grammar);
}

/** Reads the files that were named, and puts together what compiles a recipe. */
export async function toRecipeAsk(
  command: Command,
  { recipe: word, overrides }: { readonly recipe: string; readonly overrides: readonly string[] },
  around: Surroundings,
): Promise<Result<Asked, Refusal>> {
  const { config, maxTrials } = command.opts<RecipeOptions>();
  const cwd = around.cwd();
  const recipe = await recipeReference(word, cwd);
  if (!recipe.ok) return recipe;
  const file = config === undefined ? undefined : resolve(cwd, config);
  const text = file === undefined ? undefined : await readText(file, config ?? "");
  if (text?.ok === false) return err(text.error);
  return ok({
    recipe: recipe.value,
    overrides: [...overrides],
    cwd,
    env: definedVariables(around.env),
    ...given({ maxTrials }),
    ...(file !== undefined && text !== undefined && { config: { file, text: text.value } }),
  });
}
