import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import { scheduleLine } from "../render/schedule.ts";
import type { Act } from "../verb.ts";

/** `schedule disable`: let it rest until it is enabled. */
export function define(command: Command, act: Act): void {
  command.description("Let a schedule rest until it is enabled, whatever its file says.");
  addExamples(command, "blutctl schedule disable nightly");
  command
    .argument("<name>", "as `schedule list` shows it")
    .action((name: string) =>
      act(command, (session) => session.order("schedule.disable", { name }, scheduleLine)),
    );
}
