import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import type { Act } from "../verb.ts";

/** `schedule fire`: start it now; stdout is the run id alone. */
export function define(command: Command, act: Act): void {
  command.description("Start what a schedule starts, now; stdout is the run id alone.");
  addExamples(command, 'blutctl wait "$(blutctl schedule fire nightly)"');
  command
    .argument("<name>", "as `schedule list` shows it")
    .action((name: string) =>
      act(command, (session) => session.ask("schedule.fire", { name }, ({ runId }) => runId)),
    );
}
