import { didYouMean } from "../../base/quoted.ts";
import type { ArgumentValue } from "../../domain/argument.ts";
import type { Word, WordPart } from "../../domain/plan.ts";
import { valueText } from "../arguments/value.ts";

/** What placeholders of one step may name. */
export interface Scope {
  /** Every argument that there is; one that was taken away has no value. */
  readonly args: Readonly<Record<string, ArgumentValue | undefined>>;
  readonly inputs: readonly string[];
  readonly recipeDirectory: string;
  /** Told of each argument that is used. */
  readonly onUse: (argument: string) => void;
  readonly onProblem: (message: string) => void;
}

const own = ["out", "checkpoints", "context"] as const;

/** A word of a command line. Paths that only the attempt knows stay pieces. */
export function wordOf(text: string, scope: Scope): Word {
  const known = [...own, ...scope.inputs.map((name) => `inputs.${name}`)];
  const parts = piecesOf(text, scope.onProblem).map((piece): WordPart => {
    if (typeof piece === "string") return piece;
    const { name } = piece;
    const input = name.startsWith("inputs.") ? name.slice("inputs.".length) : undefined;
    if (input !== undefined && scope.inputs.includes(input)) return { input };
    const directory = own.find((each) => each === name);
    return directory === undefined ? textOf(name, scope, known) : { own: directory };
  });
  return joined(parts);
}

/** A text that is known before anything runs: a path, the value of a variable. */
export function filledText(text: string, scope: Scope): string {
  return piecesOf(text, scope.onProblem)
    .map((piece) => (typeof piece === "string" ? piece : textOf(piece.name, scope, [])))
    .join("");
}

function textOf(name: string, scope: Scope, others: readonly string[]): string {
  const { args, recipeDirectory, onUse, onProblem } = scope;
  if (name === "recipe.dir") return recipeDirectory;
  const argument = name.startsWith("args.") ? name.slice("args.".length) : "";
  if (Object.hasOwn(args, argument)) {
    const value = args[argument];
    onUse(argument);
    if (value === undefined) onProblem(`the argument ${argument} has no value`);
    return value === undefined ? "" : valueText(value);
  }
  const known = [...Object.keys(args).map((each) => `args.${each}`), ...others, "recipe.dir"];
  const meant = didYouMean(name, known);
  const hint = meant === "" ? `; there are ${known.join(", ")}, and {{ is a brace` : meant;
  onProblem(`{${name}} names nothing${hint}`);
  return "";
}

/** Texts and placeholders in turn; `{{` and `}}` are braces. */
function piecesOf(
  text: string,
  onProblem: (message: string) => void,
): (string | { readonly name: string })[] {
  const pieces: (string | { readonly name: string })[] = [];
  // Plain text, a doubled brace, a placeholder, or a brace that stands alone.
  for (const [found, plain, , name] of text.matchAll(/([^{}]+)|(\{\{|\}\})|\{([^{}]*)\}|[{}]/g)) {
    if (plain !== undefined) pieces.push(plain);
    else if (name !== undefined) pieces.push({ name });
    else {
      pieces.push(found.slice(0, 1));
      if (found.length === 1)
        onProblem(`a ${found} that is meant as one is written ${found}${found}`);
    }
  }
  return pieces;
}

/** Neighbouring texts are one; a word without anything else is a text. */
function joined(parts: readonly WordPart[]): Word {
  const merged: WordPart[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (typeof part === "string" && typeof last === "string")
      merged[merged.length - 1] = last + part;
    else merged.push(part);
  }
  const [only = ""] = merged;
  return merged.length <= 1 && typeof only === "string" ? only : merged;
}
