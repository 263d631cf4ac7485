import type { Command } from "commander";
import { explanation } from "../render/explanation.ts";
import type { Act } from "../verb.ts";

/** `explain`: where a run's limit comes from, what it waits for and what would unblock it. */
export function define(command: Command, act: Act): void {
  command
    .argument("<run>", "an id, the beginning of one, `last`, or a name")
    .action((run: string) =>
      act(command, (session) => session.ask("run.explain", { run }, explanation)),
    );
}
