import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import { scheduleLine } from "../render/schedule.ts";
import type { Act } from "../verb.ts";

/** `schedule enable`: let it fire again, also after a pause. */
export function define(command: Command, act: Act): void {
  command.description(
    "Let a schedule fire again, whatever its file says; this also ends a pause after failures.",
  );
  addExamples(command, "blutctl schedule enable nightly");
  command
    .argument("<name>", "as `schedule list` shows it")
    .action((name: string) =>
      act(command, (session) => session.order("schedule.enable", { name }, scheduleLine)),
    );
}
