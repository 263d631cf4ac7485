import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import { scheduleCard } from "../render/schedule.ts";
import type { Act } from "../verb.ts";
import { given, readCount } from "./submit-options.ts";

/** `schedule show`: one schedule, its rules and what became of its instants. */
export function define(command: Command, act: Act): void {
  command.description("Show one schedule: its rules, and what became of its instants.");
  addExamples(command, "blutctl schedule show nightly --history 100");
  command
    .argument("<name>", "as `schedule list` shows it")
    .option("--history <n>", "so many instants (default: 20)", readCount)
    .action((name: string) =>
      act(command, (session) => {
        const { history } = command.opts<{ history?: number }>();
        return session.ask("schedule.get", { name, ...given({ history }) }, scheduleCard);
      }),
    );
}
