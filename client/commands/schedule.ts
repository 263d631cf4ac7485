import type { Command } from "commander";
import { addGlobals } from "../globals.ts";
import type { Act, DefineVerb, FindVerb } from "../verb.ts";
import * as check from "./schedule-check.ts";
import * as disable from "./schedule-disable.ts";
import * as enable from "./schedule-enable.ts";
import * as fire from "./schedule-fire.ts";
import * as get from "./schedule-get.ts";
import * as list from "./schedule-list.ts";
import * as next from "./schedule-next.ts";

const parts: readonly { name: string; summary: string; define: DefineVerb }[] = [
  { name: "list", summary: "every schedule: next, last, history", define: list.define },
  { name: "show", summary: "one schedule, its rules and its history", define: get.define },
  { name: "next", summary: "the instants that come next", define: next.define },
  { name: "fire", summary: "start it now; stdout is the run id alone", define: fire.define },
  { name: "enable", summary: "let it fire again, also after a pause", define: enable.define },
  { name: "disable", summary: "let it rest until it is enabled", define: disable.define },
  { name: "check", summary: "every problem at once, with line and column", define: check.define },
];

/** `schedule`: what is started by the clock. */
export function define(command: Command, act: Act, find: FindVerb): void {
  command.helpCommand(false);
  for (const part of parts) {
    const inner = command.command(part.name).description(part.summary);
    part.define(inner, act, find);
    addGlobals(inner);
  }
}
