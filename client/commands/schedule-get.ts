import type { Command } from "commander";
import { scheduleCard } from "../render/schedule.ts";
import type { Act } from "../verb.ts";
import { given, readCount } from "./submit-options.ts";

/** `schedule show`: one schedule, its rules and what became of its instants. */
export function define(command: Command, act: Act): void {
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
