import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import { calibrationTable } from "../render/calibration.ts";
import type { Act } from "../verb.ts";
import { readNumber } from "./submit-options.ts";

/** `calibration list`: every key and what is known of its need. */
export function define(command: Command, act: Act): void {
  command.description("List every key and what is known of its need of memory.");
  addExamples(command, "blutctl calibration list train");
  command
    .argument("[prefix]", "only keys that begin so")
    .option("--limit <n>", "so many at most (default: 200)", readNumber)
    .action((prefix: string | undefined) =>
      act(command, (session) => {
        const { limit } = command.opts<{ limit?: number }>();
        const params = {
          ...(prefix === undefined ? {} : { prefix }),
          ...(limit === undefined ? {} : { limit }),
        };
        return session.ask("calibration.list", params, calibrationTable);
      }),
    );
}
