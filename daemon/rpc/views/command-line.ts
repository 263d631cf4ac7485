import { isDeepStrictEqual } from "node:util";
import type { Plan, Word } from "../../domain/plan.ts";
import { wordText } from "../../domain/word.ts";

const longestLine = 200;
const plain = /^[\w@%+=:,./-]+$/;
/** Control and format characters (escape sequences, line breaks, bidi marks) are shown, never sent as they are. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** What a plan is, as one printable line, shortened: its command, or its recipe with what is not swept over. */
export function commandLine({ steps, recipe }: Plan): string {
  const [first, ...others] = steps;
  if (others.length === 0) return argvLine(first.argv);
  const all = `${steps.length} steps`;
  if (recipe === undefined) return `${argvLine(first.argv)} (first of ${all})`;
  const [point = {}, ...rest] = Object.values(recipe.points);
  const common = Object.entries(point).filter(([name, value]) =>
    rest.every((other) => isDeepStrictEqual(other[name], value)),
  );
  const words = common.map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const points = rest.length === 0 ? "" : `${rest.length + 1} points, `;
  return `${argvLine([recipe.name, ...words])} (${points}${all})`;
}

/** The same of one command. */
export function argvLine(argv: readonly Word[]): string {
  let line = "";
  // Not a join: an argument list may have a mebibyte, and a few words are shown.
  for (const argument of argv) {
    if (line.length > longestLine) break;
    line += `${line === "" ? "" : " "}${word(wordText(argument).slice(0, longestLine))}`;
  }
  const characters = Array.from(line);
  return characters.length > longestLine
    ? `${characters.slice(0, longestLine - 3).join("")}...`
    : line;
}

function word(argument: string): string {
  if (plain.test(argument)) return argument;
  const shown = argument.replace(
    unprintable,
    (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`,
  );
  return `'${shown.replaceAll("'", `'\\''`)}'`;
}
