import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import { nextInstants } from "../render/schedule.ts";
import type { Act } from "../verb.ts";
import { given, readCount } from "./submit-options.ts";

/** `schedule next`: the instants that come next. */
export function define(command: Command, act: Act): void {
  command.description("Show the instants that come next, in the schedule's own time zone.");
  addExamples(command, "blutctl schedule next nightly --count 10");
  command
    .argument("<name>", "as `schedule list` shows it")
    .option("--count <n>", "so many (default: 5)", readCount)
    .action((name: string) =>
      act(command, (session) => {
        const { count } = command.opts<{ count?: number }>();
        return session.ask("schedule.next", { name, ...given({ count }) }, nextInstants);
      }),
    );
}
