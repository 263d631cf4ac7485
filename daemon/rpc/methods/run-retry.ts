import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { resolveRuns } from "../resolve-runs.ts";

/** Submits ended runs again, as new runs. */
export const runRetry = define("run.retry", async (params, { store, scheduler }) => {
  const ids = resolveRuns(store, params.runs, { allowAll: false });
  if (!ids.ok) return ids;
  const answer = await scheduler.retry(ids.value);
  return answer.ok ? ok({ runs: [...answer.value] }) : answer;
});
