import { setImmediate } from "node:timers/promises";
import type { Clock } from "../base/clock.ts";
import type { Failure } from "../domain/failure.ts";
import { ok, type Result } from "../domain/result.ts";
import type { ArtifactRow } from "../store/artifacts.ts";
import type { Store } from "../store/store.ts";
import type { ArtifactStore } from "./artifact-store.ts";
import type { WorkPool } from "./work-pool.ts";

/** What upkeep works on. */
export interface UpkeepParts {
  readonly store: Store;
  readonly artifacts: ArtifactStore;
  readonly pool: WorkPool;
  readonly clock: Clock;
}

/** So many rows are looked at in one turn of the event loop. */
export const rowsAtOnce = 100;

/** Every artifact on record, the one longest not used first. */
export async function* rowsOf({ artifacts }: Store): AsyncGenerator<ArtifactRow> {
  let page = artifacts.leastUsed(rowsAtOnce);
  while (page.length > 0) {
    yield* page;
    await setImmediate();
    page = artifacts.leastUsed(rowsAtOnce, page.at(-1));
  }
}

/** Removes the content of one that is off record, unless it has come back meanwhile. */
export function clear(
  { artifacts, store }: UpkeepParts,
  digest: string,
): Promise<Result<undefined, Failure>> {
  const isBack = store.artifacts.get(digest) !== undefined || artifacts.isFresh(digest);
  return isBack ? Promise.resolve(ok(undefined)) : artifacts.remove(digest);
}

/** What all artifacts take of the disk. */
export function measure({ pool, artifacts }: UpkeepParts): Promise<Result<number, Failure>> {
  return pool.do("measure", { directory: artifacts.place.directory }, { urgency: "upkeep" });
}

/** Removes the files that no artifact has any more; gives their bytes. */
export function sweep({ pool, artifacts }: UpkeepParts): Promise<Result<number, Failure>> {
  return pool.do("sweep", { directory: artifacts.place.directory }, { urgency: "upkeep" });
}
