import type { Command } from "commander";
import { addGlobals } from "../globals.ts";
import type { Act, DefineVerb, FindVerb } from "../verb.ts";
import * as diff from "./lineage-diff.ts";
import * as reindex from "./lineage-reindex.ts";
import * as trace from "./lineage-trace.ts";

const parts: readonly { name: string; summary: string; define: DefineVerb }[] = [
  { name: "trace", summary: "what an artifact was made of, as a tree", define: trace.define },
  { name: "diff", summary: "only what differs between two runs", define: diff.define },
  { name: "reindex", summary: "make the index again from the runs' files", define: reindex.define },
];

/** `lineage`: where results came from. */
export function define(command: Command, act: Act, find: FindVerb): void {
  command.helpCommand(false);
  for (const part of parts) {
    const inner = command.command(part.name).description(part.summary);
    part.define(inner, act, find);
    addGlobals(inner);
  }
}
