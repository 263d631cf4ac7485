import type { Logger } from "pino";
import type { DaemonConfig } from "../../config/config.ts";
import { RunFiles } from "../../events/run-files.ts";
import type { RunBooks } from "../../executor/run-books.ts";
import { lineageLines } from "../../lineage/lines.ts";

/** The runs' own files, behind the commits. */
export function openRunFiles(books: RunBooks, config: DaemonConfig, logger: Logger): RunFiles {
  return new RunFiles({
    ...books,
    runsDir: config.paths.runsDir,
    lineage: (runId, events) => lineageLines(books.store, runId, events),
    warn: (file, why) => {
      logger.warn({ file, why }, "a file of a run cannot be written");
    },
  });
}
