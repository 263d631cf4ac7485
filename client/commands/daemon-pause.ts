import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import { holdLines } from "../render/hold.ts";
import type { Act } from "../verb.ts";
import { addHoldOptions, toHoldParams } from "./hold-options.ts";

/** `pause`: start nothing new until resumed; what runs goes on. */
export function define(command: Command, act: Act): void {
  command.description(
    "Start nothing new until resumed. What runs goes on, what is submitted waits; a restart changes nothing of that.",
  );
  addExamples(command, "blutctl pause --for 2h --reason exam");
  addHoldOptions(command).action(() =>
    act(command, (session) => session.order("daemon.pause", toHoldParams(command), holdLines)),
  );
}
