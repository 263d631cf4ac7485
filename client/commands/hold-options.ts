import type { Command } from "commander";
import type { Params } from "../../daemon/protocol/methods.ts";
import { readDuration } from "./submit-options.ts";

/** Declares what `pause` and `drain` may be told. */
export function addHoldOptions(command: Command): Command {
  return command
    .option("--reason <text>", "why, shown to everyone who waits")
    .option("--for <duration>", "resume by itself after so long, such as 30m", readDuration);
}

/** Builds the request from what was typed. */
export function toHoldParams(command: Command): Params<"daemon.pause"> {
  const options = command.opts<{ reason?: string; for?: number }>();
  return {
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    ...(options.for === undefined ? {} : { forMs: options.for }),
  };
}
