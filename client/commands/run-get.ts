import type { Command } from "commander";
import { runCard } from "../render/run-card.ts";
import type { Act } from "../verb.ts";

/** `show`: one run with its attempts. */
export function define(command: Command, act: Act): void {
  command
    .argument("<run>", "an id, the beginning of one, `last`, or a name")
    .action((run: string) => act(command, (session) => session.ask("run.get", { run }, runCard)));
}
