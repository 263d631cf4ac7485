import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import { calibrationCard } from "../render/calibration.ts";
import type { Act } from "../verb.ts";
import { readSize } from "./submit-options.ts";

/** `calibration set`: pin a key's need by hand. */
export function define(command: Command, act: Act): void {
  command.description(
    "Pin a key's need of memory by hand; what is measured no longer changes its limit.",
  );
  addExamples(command, "blutctl calibration set train 12G");
  command
    .argument("<key>", "as `calibration list` shows it")
    .argument("<size>", "its need, such as 512M or 2G", readSize)
    .action((key: string, bytes: number) =>
      act(command, (session) => session.order("calibration.set", { key, bytes }, calibrationCard)),
    );
}
