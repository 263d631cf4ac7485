import { define } from "../context.ts";
import { resolveWaits } from "../resolve-runs.ts";

/** Queues a command or a plan; the answer means that it is on disk. */
export const runSubmit = define("run.submit", async (params, { store, scheduler }) => {
  const waits = resolveWaits(store, params);
  if (!waits.ok) return waits;
  return "plan" in params
    ? scheduler.submitPlan({ ...params, ...waits.value })
    : scheduler.submit({ ...params, ...waits.value });
});
