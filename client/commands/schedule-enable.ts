import type { Command } from "commander";
import { scheduleLine } from "../render/schedule.ts";
import type { Act } from "../verb.ts";

/** `schedule enable`: let it fire again, also after a pause. */
export function define(command: Command, act: Act): void {
  command
    .argument("<name>", "as `schedule list` shows it")
    .action((name: string) =>
      act(command, (session) => session.order("schedule.enable", { name }, scheduleLine)),
    );
}
