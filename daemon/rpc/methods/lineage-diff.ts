import { ok } from "../../domain/result.ts";
import { compareRuns } from "../../lineage/compare.ts";
import { define } from "../context.ts";
import { storedRun } from "../resolve-runs.ts";
import { stepDifference } from "../views/lineage-view.ts";

/** What differs between two runs, step by step. */
export const lineageDiff = define("lineage.diff", async (params, { store }) => {
  const from = storedRun(store, params.from);
  if (!from.ok) return from;
  const to = storedRun(store, params.to);
  if (!to.ok) return to;
  const ids = [from.value.id, to.value.id] as const;
  const { steps, same, more } = await compareRuns(store, ...ids, params.limit);
  return ok({
    from: { id: from.value.id, name: from.value.name },
    to: { id: to.value.id, name: to.value.name },
    steps: steps.map(stepDifference),
    same,
    more,
  });
});
