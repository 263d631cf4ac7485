import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import { prunedTable } from "../render/cache.ts";
import { usage } from "../refusal.ts";
import type { Act } from "../verb.ts";
import { given, readDuration, readRoom } from "./submit-options.ts";

interface Options {
  readonly maxSize?: number;
  readonly olderThan?: number;
  readonly dryRun?: true;
}

/** `cache prune`: make room. */
export function define(command: Command, act: Act): void {
  command.description(
    "Make room: the longest unused goes first, never what a live or pinned run needs.",
  );
  addExamples(command, "blutctl cache prune --max-size 50G --older-than 30d --dry-run");
  command
    .option(
      "--max-size <size>",
      "keep at most so much, such as 20G; the longest unused goes",
      readRoom,
    )
    .option(
      "--older-than <duration>",
      "remove what was not used for so long, such as 30d",
      readDuration,
    )
    .option("--dry-run", "only say what would go")
    .action(() =>
      act(command, (session) => {
        const { maxSize, olderThan, dryRun } = command.opts<Options>();
        if (maxSize === undefined && olderThan === undefined) {
          const remedy = "give --max-size 20G, --older-than 30d, or both";
          return Promise.resolve(session.refuse(usage("cache prune: what may stay?", remedy)));
        }
        const params = given({ maxBytes: maxSize, olderThanMs: olderThan, dryRun });
        return session.ask("cache.prune", params, prunedTable);
      }),
    );
}
