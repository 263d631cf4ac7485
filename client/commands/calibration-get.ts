import type { Command } from "commander";
import { calibrationCard } from "../render/calibration.ts";
import type { Act } from "../verb.ts";

/** `calibration show`: one key, what is known of it, and the limit it would get next. */
export function define(command: Command, act: Act): void {
  command
    .argument("<key>", "as `calibration list` shows it")
    .action((key: string) =>
      act(command, (session) => session.ask("calibration.get", { key }, calibrationCard)),
    );
}
