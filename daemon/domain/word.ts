import type { OwnPath, Word, WordPart } from "./plan.ts";

/** Where the pieces of a command line lead to when its attempt starts. Paths are absolute. */
export interface WordPaths {
  /** Of each input's artifact, by the input's name. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly own: Readonly<Record<OwnPath, string>>;
}

/** A word for people and for keys: its pieces by name, as a recipe writes them. */
export function wordText(word: Word): string {
  return typeof word === "string" ? word : word.map(partText).join("");
}

/** One argument. Throws when an input is not there, which is a bug. */
function filledWord(word: Word, paths: WordPaths): string {
  if (typeof word === "string") return word;
  return word.map((part) => filledPart(part, paths)).join("");
}

/** The whole command line that the command is given. */
export function filledArgv(
  [program, ...rest]: readonly [Word, ...Word[]],
  paths: WordPaths,
): [string, ...string[]] {
  return [filledWord(program, paths), ...rest.map((word) => filledWord(word, paths))];
}

function partText(part: WordPart): string {
  if (typeof part === "string") return part;
  return "input" in part ? `{inputs.${part.input}}` : `{${part.own}}`;
}

function filledPart(part: WordPart, { inputs, own }: WordPaths): string {
  if (typeof part === "string") return part;
  if ("own" in part) return own[part.own];
  const found = inputs[part.input];
  if (found === undefined) throw new Error(`there is no input ${part.input}`);
  return found;
}
