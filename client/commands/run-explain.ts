import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import { explanation } from "../render/explanation.ts";
import { runOrStep, runSelector } from "../run-selector.ts";
import type { Act } from "../verb.ts";

/** `explain`: where the limit of a run, or of one of its steps, comes from, what it waits for and what would unblock it. */
export function define(command: Command, act: Act): void {
  command.description(
    "Say why: where a run's memory limit comes from, what it waits for, who holds that, and what would let it start.",
  );
  addExamples(command, "blutctl explain last");
  command
    .argument("<run>", runOrStep)
    .action((run: string) =>
      act(command, (session) => session.ask("run.explain", { ...runSelector(run) }, explanation)),
    );
}
