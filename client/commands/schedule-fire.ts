import type { Command } from "commander";
import type { Act } from "../verb.ts";

/** `schedule fire`: start it now; stdout is the run id alone. */
export function define(command: Command, act: Act): void {
  command
    .argument("<name>", "as `schedule list` shows it")
    .action((name: string) =>
      act(command, (session) => session.ask("schedule.fire", { name }, ({ runId }) => runId)),
    );
}
