import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { runDetail } from "../views/run-view.ts";
import { storedRun } from "../resolve-runs.ts";

/** One run with its steps and attempts. */
export const runGet = define("run.get", ({ run, stepsFrom, stepsLimit }, context) => {
  const page = { from: stepsFrom, limit: stepsLimit };
  const found = storedRun(context.store, run);
  return found.ok ? ok(runDetail(context, found.value, page)) : found;
});
