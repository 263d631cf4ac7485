import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { resolveRuns } from "../resolve-runs.ts";

/** Ends runs, queued or running. A run that has ended already is in neither list. */
export const runCancel = define("run.cancel", async (params, { store, scheduler }) => {
  const ids = resolveRuns(store, params.runs, { allowAll: true, ofName: "the-only-one" });
  if (!ids.ok) return ids;
  const { reason, now } = params;
  const answer = await scheduler.cancel(ids.value, {
    ...(reason !== undefined && { reason }),
    now,
  });
  if (!answer.ok) return answer;
  return ok({
    cancelled: [...answer.value.cancelled],
    stopping: [...answer.value.stopping],
  });
});
