import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";

/** The others are only counted. */
const mostNamed = 200;

/** Removes artifacts by last use, or says which it would remove. */
export const cachePrune = define("cache.prune", async ({ dryRun, ...rule }, { upkeep }) => {
  const pruned = await upkeep.prune(rule, dryRun);
  if (!pruned.ok) return pruned;
  const { removed, freedBytes, storedBytes, needed } = pruned.value;
  const artifacts = removed.slice(0, mostNamed);
  return ok({ dryRun, removed: removed.length, artifacts, freedBytes, storedBytes, needed });
});
