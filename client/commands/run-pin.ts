import type { Command } from "commander";
import { pinnedLines } from "../render/retention.ts";
import type { Act } from "../verb.ts";

/** `pin`: keep runs, their logs and their artifacts for good. */
export function define(command: Command, act: Act): void {
  command
    .argument("<run...>", "ids, beginnings of ids, `last` or names")
    .action((runs: string[]) =>
      act(command, (session) => session.order("run.pin", { runs }, pinnedLines)),
    );
}
