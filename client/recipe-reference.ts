import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Params } from "../daemon/protocol/methods.ts";
import { err, ok, type Result } from "../daemon/protocol/units.ts";
import { unreadable, type Refusal } from "./refusal.ts";

/** A recipe as the wire names it. */
export type RecipeReference = Params<"recipe.check">["recipe"];

/** Tells whether a word is the path of a file, not a name that the daemon looks up. */
export function isPath(word: string): boolean {
  return word.includes("/") || /\.(?:toml|ts(?:#.*)?)$/.test(word);
}

/** The recipe that a word means: a name, or a file, whose text goes along because the daemon may not see it. */
export async function recipeReference(
  word: string,
  cwd: string,
): Promise<Result<RecipeReference, Refusal>> {
  if (!isPath(word)) return ok({ name: word });
  const file = resolve(cwd, word);
  // A cookbook is a program: the daemon loads it from where it lies. `FILE.ts#NAME` is one recipe of it.
  if (/\.ts(?:#.*)?$/.test(file)) return ok({ file });
  const text = await readText(file, word);
  return text.ok ? ok({ file, text: text.value }) : text;
}

/** Reads a file that somebody named. */
export async function readText(file: string, typed: string): Promise<Result<string, Refusal>> {
  try {
    return ok(await readFile(file, "utf8"));
  } catch (thrown) {
    return err(unreadable(typed, thrown, "name a file that is there"));
  }
}
