import { failure } from "../../domain/failure.ts";
import { err, ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { resolveRuns } from "../resolve-runs.ts";

/** Submits ended runs again, as new runs. */
export const runRetry = define("run.retry", async (params, { store, scheduler }) => {
  const ids = resolveRuns(store, params.runs, { allowAll: false, ofName: "newest" });
  if (!ids.ok) return ids;
  const { from, only } = params;
  if (only && from === undefined) {
    return err(
      failure("invalid-request", "only: it goes with `from`", "name the step: --from STEP"),
    );
  }
  const answer = await scheduler.retry(ids.value, { from, only });
  return answer.ok ? ok({ runs: [...answer.value] }) : answer;
});
