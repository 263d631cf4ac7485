import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import { holdLines } from "../render/hold.ts";
import type { Act } from "../verb.ts";
import { addHoldOptions, toHoldParams } from "./hold-options.ts";

/** `drain`: start nothing new and let what runs end, for maintenance. */
export function define(command: Command, act: Act): void {
  command.description(
    "Start nothing new and let what runs end, as before a reboot. What waits stays queued.",
  );
  addExamples(command, "blutctl drain --reason 'kernel update'");
  addHoldOptions(command).action(() =>
    act(command, (session) => session.order("daemon.drain", toHoldParams(command), holdLines)),
  );
}
