import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { readOwnLines } from "../base/own-lines.ts";
import type { Failure } from "../domain/failure.ts";
import { isRunId } from "../domain/ids.ts";
import { ok, type Result } from "../domain/result.ts";
import type { Store } from "../store/store.ts";
import { readLineageLine } from "./line-schema.ts";
import type { LineageLine } from "./lines.ts";

/** What a reindex found and made of it. */
export interface Reindexed {
  /** Runs that have a file. */
  readonly runs: number;
  readonly steps: number;
  readonly reads: number;
  readonly writes: number;
  /** Lines that are none of ours. */
  readonly problems: number;
}

/** Lines stored in one change: the event loop and other writers get their turn in between. */
const batch = 200;

/**
 * Makes the rows of every step again that a run's own file tells of. Rows that no file tells of stay: a
 * run's files may be gone and what was made of them still here.
 */
export async function reindexLineage(
  store: Store,
  runsDir: string,
): Promise<Result<Reindexed, Failure>> {
  const total = { runs: 0, steps: 0, reads: 0, writes: 0, problems: 0 };
  for await (const { name: runId } of await opendir(runsDir)) {
    if (!isRunId(runId)) continue;
    // A step that was recorded twice counts as it was last.
    const lines = new Map<string, LineageLine>();
    const found = await readOwnLines(join(runsDir, runId, "lineage.jsonl"), (text) => {
      const line = readLineageLine(text, runId);
      if (line === undefined) total.problems += 1;
      else lines.set(line.step, line);
    });
    if (!found) continue;
    total.runs += 1;
    const stored = await storeLines(store, [...lines.values()]);
    if (!stored.ok) return stored;
    for (const { reads, write } of lines.values()) {
      total.steps += 1;
      total.reads += reads.length;
      total.writes += write === undefined ? 0 : 1;
    }
  }
  return ok(total);
}

async function storeLines(
  store: Store,
  lines: readonly LineageLine[],
): Promise<Result<void, Failure>> {
  for (let i = 0; i < lines.length; i += batch) {
    const stored = await store.write(() => {
      for (const { runId, step, reads, write } of lines.slice(i, i + batch)) {
        store.lineage.replaceReads({ runId, step }, reads);
        if (write !== undefined) store.lineage.putWrite({ runId, step }, write);
      }
      return ok(undefined);
    });
    if (!stored.ok) return stored;
  }
  return ok(undefined);
}
