import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import { calibrationCard } from "../render/calibration.ts";
import type { Act } from "../verb.ts";

/** `calibration show`: one key, what is known of it, and the limit it would get next. */
export function define(command: Command, act: Act): void {
  command.description("Show what is known of one key, and the limit that it would get next.");
  addExamples(command, "blutctl calibration show train");
  command
    .argument("<key>", "as `calibration list` shows it")
    .action((key: string) =>
      act(command, (session) => session.ask("calibration.get", { key }, calibrationCard)),
    );
}
