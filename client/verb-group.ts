import { addGlobals } from "./globals.ts";
import type { DefineVerb } from "./verb.ts";

/** A verb under another: `stats` of `cache`. */
export interface SubVerb {
  readonly name: string;
  readonly summary: string;
  readonly define: DefineVerb;
}

/** A verb that is nothing but those under it. */
export function verbGroup(parts: readonly SubVerb[]): DefineVerb {
  return (command, act, find) => {
    command.helpCommand(false);
    for (const { name, summary, define } of parts) {
      const inner = command.command(name).summary(summary).description(summary);
      define(inner, act, find);
      addGlobals(inner);
    }
  };
}
