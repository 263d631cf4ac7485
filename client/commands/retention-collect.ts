import type { Command } from "commander";
import { collectedTable } from "../render/retention.ts";
import type { Act } from "../verb.ts";
import { given, readCount, readDuration, readRoom } from "./submit-options.ts";

interface Options {
  readonly dryRun?: true;
  readonly olderThan?: number;
  readonly keep?: number;
  readonly maxSize?: number;
}

/** `gc`: what is kept no longer. */
export function define(command: Command, act: Act): void {
  command
    .option("--dry-run", "only say what would go, why, and what stays")
    .option("--older-than <duration>", "runs that ended longer ago go, such as 30d", readDuration)
    .option("--keep <n>", "keep at most so many ended runs", readCount)
    .option(
      "--max-size <size>",
      "their directories may take so much, such as 5G; logs go before runs",
      readRoom,
    )
    .action(() =>
      act(command, (session) => {
        const { dryRun, olderThan, keep, maxSize } = command.opts<Options>();
        const params = given({ dryRun, olderThanMs: olderThan, keep, maxBytes: maxSize });
        return session.ask("retention.collect", params, collectedTable);
      }),
    );
}
