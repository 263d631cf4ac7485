import type { Command } from "commander";

/** The verb that was called: its words as `blutctl help` takes them, and the options it has. */
export interface UsedVerb {
  readonly words: string;
  readonly options: readonly string[];
}

/** A command of the tree as the verb it is; the top of it has no words. */
export function verbOf(command: Command): UsedVerb {
  const words: string[] = [];
  for (let each = command; each.parent !== null; each = each.parent) words.unshift(each.name());
  const options = command.options.flatMap(({ long }) => long ?? []);
  return { words: words.join(" "), options };
}

/** The innermost verb that commander came to, also where it threw there. */
export function reachedBy(program: Command): Command {
  const inner = program.commands.find((each) =>
    [each.name(), ...each.aliases()].includes(program.args[0] ?? ""),
  );
  return inner === undefined ? program : reachedBy(inner);
}

/** Where more is said of it. */
export function seeHelp({ words }: UsedVerb): string {
  return `see \`blutctl help${words === "" ? "" : ` ${words}`}\``;
}
