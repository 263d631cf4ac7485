import { lstatSync } from "node:fs";
import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { isRunId } from "../domain/ids.ts";
import type { Failure } from "../domain/failure.ts";
import { ok, type Result } from "../domain/result.ts";
import type { StepPlace } from "../domain/run.ts";
import type { RemovalParts } from "./removal.ts";
import type { Books } from "./weighing.ts";

/** Steps whose lineage is looked at in one turn of the event loop, and in one change at most. */
const placesAtOnce = 100;
/** Directories removed in one go. */
const directoriesAtOnce = 64;
/** Behind every id and every name of a step. */
const end = { runId: "~", step: "" };

/**
 * Forgets the lineage of collected runs that nothing leads back to: what they made is not kept, and nobody
 * on record read it. From the newest on, so that what only led to what goes now goes with it; what read
 * something goes before what only wrote, since a step that made nothing may be all that read it.
 */
export async function sweepLineage({ store, write }: Books): Promise<Result<void, Failure>> {
  const leftovers = store.lineageLeftovers;
  for (const table of ["lineage_reads", "lineage_writes"] as const) {
    let last: StepPlace | typeof end | undefined = end;
    while (last !== undefined) {
      const places: StepPlace[] = leftovers.before(table, last, placesAtOnce);
      last = places.at(-1);
      await setImmediate();
      if (places.every((place) => leftovers.isNeeded(place))) continue;
      const dropped = await write(() => {
        for (const place of places) if (!leftovers.isNeeded(place)) leftovers.drop(place);
        return ok(undefined);
      });
      if (!dropped.ok) return dropped;
    }
  }
  return ok(undefined);
}

/**
 * Removes directories of runs that are not on record: of those that were collected at once (something was
 * written there after they had gone), of any other once it is old. Their rows may have been lost with a
 * damaged database, and then these files are all there is. Gives how many there were to remove.
 */
export async function removeOrphans(
  { store, pool, runsDir, stuck, clock }: RemovalParts,
  ageMs: number,
): Promise<Result<number, Failure>> {
  const cutoffAt = clock.now() - ageMs;
  const found: string[] = [];
  for await (const { name } of await opendir(runsDir, { bufferSize: 256 })) {
    if (!isRunId(name) || store.runs.get(name) !== undefined) continue;
    const directory = join(runsDir, name);
    const isCollected = store.retention.collected(name, 1).length > 0;
    const changedAt = lstatSync(directory, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (isCollected || changedAt < cutoffAt) found.push(directory);
  }
  for (let from = 0; from < found.length; from += directoriesAtOnce) {
    const directories = found.slice(from, from + directoriesAtOnce);
    const removed = await pool.do("removeRuns", { directories }, { urgency: "upkeep" });
    if (!removed.ok) return removed;
    for (const each of removed.value) stuck(each);
  }
  return ok(found.length);
}
