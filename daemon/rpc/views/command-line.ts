import type { Plan, Word } from "../../domain/plan.ts";
import { wordText } from "../../domain/word.ts";

const longestLine = 200;
const plain = /^[\w@%+=:,./-]+$/;
/** Control and format characters (escape sequences, line breaks, bidi marks) are shown, never sent as they are. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A plan's command as one printable line that a shell would read back, shortened. */
export function commandLine(plan: Plan): string {
  const [first, ...others] = plan.steps;
  const line = argvLine(first.argv);
  if (others.length === 0) return line;
  return `${line} (and ${others.length} more ${others.length === 1 ? "step" : "steps"})`;
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
