import type { Command } from "commander";
import { scheduleTable } from "../render/schedule.ts";
import type { Act } from "../verb.ts";

/** `schedule list`: every schedule with its next instant and its history. */
export function define(command: Command, act: Act): void {
  command.action(() => act(command, (session) => session.ask("schedule.list", {}, scheduleTable)));
}
