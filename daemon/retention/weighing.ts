import { join } from "node:path";
import type { WorkPool } from "../artifacts/work-pool.ts";
import type { Failure } from "../domain/failure.ts";
import type { RunId } from "../domain/ids.ts";
import { ok, type Result } from "../domain/result.ts";
import type { Store } from "../store/store.ts";

/** What is on record, and how it is changed until the daemon stops: then nothing more is. */
export interface Books {
  readonly store: Store;
  readonly write: Store["write"];
}

/** What is needed to look at the directories of runs. */
export interface WeighParts extends Books {
  readonly pool: WorkPool;
  readonly runsDir: string;
}

/** So many directories are looked at before the rows are told. */
const directoriesAtOnce = 100;

/** Looks at what the runs left that ended since the last time. Each is looked at once. */
export async function weighNew(parts: WeighParts): Promise<Result<void, Failure>> {
  for (;;) {
    const ids = parts.store.retention.unweighed(directoriesAtOnce);
    if (ids.length === 0) return ok(undefined);
    const weighed = await weigh(parts, ids);
    if (!weighed.ok) return weighed;
  }
}

/** Looks at what these runs left, and notes it. */
export async function weigh(
  { store, write, pool, runsDir }: WeighParts,
  ids: readonly RunId[],
): Promise<Result<void, Failure>> {
  const directories = ids.map((id) => join(runsDir, id));
  const weights = await pool.do("weighRuns", { directories }, { urgency: "upkeep" });
  if (!weights.ok) return weights;
  return write(() => {
    for (const [index, id] of ids.entries()) {
      const weight = weights.value[index];
      if (weight !== undefined) store.retention.weigh(id, weight);
    }
    return ok(undefined);
  });
}
