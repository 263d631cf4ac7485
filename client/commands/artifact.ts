import type { Command } from "commander";
import { addGlobals } from "../globals.ts";
import type { Act } from "../verb.ts";
import * as get from "./artifact-get.ts";

/** `artifact`: what steps made. */
export function define(command: Command, act: Act): void {
  command.helpCommand(false);
  const show = command.command("show").description("one artifact, what is in it and who made it");
  get.define(show, act);
  addGlobals(show);
}
