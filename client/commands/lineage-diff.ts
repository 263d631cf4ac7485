import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import { lineageDifference } from "../render/lineage-difference.ts";
import type { Act } from "../verb.ts";
import { given, readCount } from "./submit-options.ts";

/** `lineage diff`: only what differs between two runs, step by step. */
export function define(command: Command, act: Act): void {
  command.description("Show only what differs between two runs, by step and facet.");
  addExamples(command, "blutctl lineage diff last digits");
  command
    .argument("<run>", "an id, the beginning of one, `last`, or a name")
    .argument("<run>", "the one to compare it with")
    .option("--limit <n>", "so many steps at most (default: 200)", readCount)
    .action((from: string, to: string) =>
      act(command, (session) => {
        const { limit } = command.opts<{ limit?: number }>();
        return session.ask("lineage.diff", { from, to, ...given({ limit }) }, lineageDifference);
      }),
    );
}
