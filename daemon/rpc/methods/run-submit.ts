import { define } from "../context.ts";
import { resolveRuns } from "../resolve-runs.ts";

/** Queues a command; the answer means that it is on disk. */
export const runSubmit = define("run.submit", async (params, { store, scheduler }) => {
  const needs = resolveRuns(store, params.needs, { allowAll: false });
  if (!needs.ok) return needs;
  const after = resolveRuns(store, params.after, { allowAll: false });
  if (!after.ok) return after;
  return scheduler.submit({ ...params, needs: needs.value, after: after.value });
});
