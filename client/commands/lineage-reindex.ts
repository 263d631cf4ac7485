import type { Command } from "commander";
import type { Act } from "../verb.ts";

/** `lineage reindex`: makes the index again from what the runs' own files say. */
export function define(command: Command, act: Act): void {
  command.description(
    "Make the index of lineage again from the files of the runs, as after the database was lost.",
  );
  command.action(() =>
    act(command, (session) =>
      session.order("lineage.reindex", {}, ({ runs, steps, reads, writes, problems }) =>
        [
          `${runs} runs: ${steps} steps, ${reads} reads, ${writes} writes`,
          ...(problems === 0 ? [] : [`${problems} lines were none of blut's and were left out`]),
        ].join("\n"),
      ),
    ),
  );
}
