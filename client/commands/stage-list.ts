import type { Command } from "commander";
import { stageTable } from "../render/stage-table.ts";
import type { Act } from "../verb.ts";

/** `recipe stages`: what the cookbooks offer, by category. */
export function define(command: Command, act: Act): void {
  command.action(() => act(command, (session) => session.ask("stage.list", {}, stageTable)));
}
