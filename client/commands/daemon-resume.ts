import type { Command } from "commander";
import { holdLines } from "../render/hold.ts";
import type { Act } from "../verb.ts";

/** `resume`: start work again. */
export function define(command: Command, act: Act): void {
  command.description("Start work again, after `pause` or `drain`.");
  command.action(() => act(command, (session) => session.order("daemon.resume", {}, holdLines)));
}
