import type { Command } from "commander";
import { calibrationCard } from "../render/calibration.ts";
import type { Act } from "../verb.ts";
import { readSize } from "./submit-options.ts";

/** `calibration set`: pin a key's need by hand. */
export function define(command: Command, act: Act): void {
  command
    .argument("<key>", "as `calibration list` shows it")
    .argument("<size>", "its need, such as 512M or 2G", readSize)
    .action((key: string, bytes: number) =>
      act(command, (session) => session.order("calibration.set", { key, bytes }, calibrationCard)),
    );
}
