import type { Place } from "./place.ts";

/** Stands at the head of a copy: only what has it is ever changed or taken away again. */
export const mark = "# Written by `blutctl init`; `blutctl init --remove` takes it away.\n";

/** A carried unit that starts the programs from where they lie. */
export function adaptUnit(text: string, { blutd, blutctl }: Place["programs"]): string {
  const adapted = text
    .replaceAll(
      /^(Exec\w+=[-@:+!]*)\/usr\/bin\/blutd(?= |$)/gm,
      (_, key: string) => key + words(blutd),
    )
    .replaceAll(
      /^(Exec\w+=[-@:+!]*)\/usr\/bin\/blutctl(?= |$)/gm,
      (_, key: string) => key + words(blutctl),
    );
  return mark + adapted;
}

function words(command: readonly string[]): string {
  return command.map(quoted).join(" ");
}

/** A word as systemd reads it: `%` and `$` mean something, a blank ends it. */
function quoted(word: string): string {
  const plain = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  if (/^[\w@%+=:,./$-]+$/.test(plain)) return plain;
  return `"${plain.replaceAll(/["\\]/g, (sign) => `\\${sign}`)}"`;
}
