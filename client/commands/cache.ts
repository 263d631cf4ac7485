import type { Command } from "commander";
import { addGlobals } from "../globals.ts";
import type { Act, DefineVerb, FindVerb } from "../verb.ts";
import * as prune from "./cache-prune.ts";
import * as stats from "./cache-stats.ts";
import * as verify from "./cache-verify.ts";

const parts: readonly { name: string; summary: string; define: DefineVerb }[] = [
  { name: "stats", summary: "what is kept, what it takes, what it saved", define: stats.define },
  {
    name: "prune",
    summary: "make room, never from what a live or pinned run needs",
    define: prune.define,
  },
  {
    name: "verify",
    summary: "read everything, and take out of the cache what is not as it was made",
    define: verify.define,
  },
];

/** `cache`: results that stand in for doing the same work again. */
export function define(command: Command, act: Act, find: FindVerb): void {
  command.helpCommand(false);
  for (const part of parts) {
    const inner = command.command(part.name).description(part.summary);
    part.define(inner, act, find);
    addGlobals(inner);
  }
}
