import { define } from "../context.ts";
import { resolveRuns } from "../resolve-runs.ts";

/** Queues a command or a plan; the answer means that it is on disk. */
export const runSubmit = define("run.submit", async (params, { store, scheduler }) => {
  const needs = resolveRuns(store, params.needs, { allowAll: false });
  if (!needs.ok) return needs;
  const after = resolveRuns(store, params.after, { allowAll: false });
  if (!after.ok) return after;
  const waits = { needs: needs.value, after: after.value };
  return "plan" in params
    ? scheduler.submitPlan({ ...params, ...waits })
    : scheduler.submit({ ...params, ...waits });
});
