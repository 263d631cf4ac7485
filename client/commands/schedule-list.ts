import type { Command } from "commander";
import { scheduleTable } from "../render/schedule.ts";
import type { Act } from "../verb.ts";

/** `schedule list`: every schedule with its next instant and its history. */
export function define(command: Command, act: Act): void {
  command.description(
    "List every schedule: when it fires next, what became of it last, and a strip of its history.",
  );
  command.action(() => act(command, (session) => session.ask("schedule.list", {}, scheduleTable)));
}
