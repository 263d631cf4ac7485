import type { Command } from "commander";
import { pinnedLines } from "../render/retention.ts";
import type { Act } from "../verb.ts";

/** `unpin`: let them go again when their time comes. */
export function define(command: Command, act: Act): void {
  command
    .argument("<run...>", "ids, beginnings of ids, `last` or names")
    .action((runs: string[]) =>
      act(command, (session) => session.order("run.unpin", { runs }, pinnedLines)),
    );
}
