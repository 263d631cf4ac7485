import { failure } from "../../domain/failure.ts";
import { isRunId } from "../../domain/ids.ts";
import { err, ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { runSummary } from "../views/run-view.ts";

/** Runs, newest first. */
export const runList = define("run.list", ({ before, states, name, sinceAt, limit }, context) => {
  if (before !== undefined && !isRunId(before)) {
    const remedy = "give the id of the last row of the page before";
    return err(failure("invalid-request", "run.list: before: expected a whole run id", remedy));
  }
  const rows = context.store.runs.list({
    ...(states !== undefined && { states }),
    ...(name !== undefined && { name }),
    ...(sinceAt !== undefined && { sinceAt }),
    ...(before !== undefined && { before }),
    limit: limit + 1,
  });
  const runs = rows.slice(0, limit).map((run) => runSummary(context, run));
  return ok({ runs, more: rows.length > limit });
});
