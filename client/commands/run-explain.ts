import type { Command } from "commander";
import { explanation } from "../render/explanation.ts";
import { runOrStep, runSelector } from "../run-selector.ts";
import type { Act } from "../verb.ts";

/** `explain`: where the limit of a run, or of one of its steps, comes from, what it waits for and what would unblock it. */
export function define(command: Command, act: Act): void {
  command
    .argument("<run>", runOrStep)
    .action((run: string) =>
      act(command, (session) => session.ask("run.explain", { ...runSelector(run) }, explanation)),
    );
}
