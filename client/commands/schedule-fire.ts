import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import { dueInstants } from "../render/schedule.ts";
import type { Act } from "../verb.ts";

/** `schedule fire`: start it now; stdout is the run id alone. */
export function define(command: Command, act: Act): void {
  command.description("Start what a schedule starts, now; stdout is the run id alone.");
  addExamples(command, 'blutctl wait "$(blutctl schedule fire nightly)"');
  command
    .argument("<name>", "as `schedule list` shows it")
    .option("--due", "only what its clock says by now; for timers of systemd")
    .action((name: string) =>
      act(command, (session) => {
        const { due } = command.opts<{ due?: true }>();
        if (due === true) return session.ask("schedule.due", { name }, dueInstants);
        return session.ask("schedule.fire", { name }, ({ runId }) => runId);
      }),
    );
}
