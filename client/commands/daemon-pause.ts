import type { Command } from "commander";
import { holdLines } from "../render/hold.ts";
import type { Act } from "../verb.ts";
import { addHoldOptions, toHoldParams } from "./hold-options.ts";

/** `pause`: start nothing new until resumed; what runs goes on. */
export function define(command: Command, act: Act): void {
  addHoldOptions(command).action(() =>
    act(command, (session) => session.order("daemon.pause", toHoldParams(command), holdLines)),
  );
}
