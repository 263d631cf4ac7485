import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { runDetail } from "../views/run-view.ts";
import { storedRunWith } from "../resolve-runs.ts";

/** One run with its steps and attempts. */
export const runGet = define("run.get", ({ run, step, stepsFrom, stepsLimit }, context) => {
  const found = storedRunWith(context.store, run, step);
  if (!found.ok) return found;
  const page = { from: stepsFrom, limit: stepsLimit, ...(step !== undefined && { step }) };
  return ok(runDetail(context, found.value, page));
});
