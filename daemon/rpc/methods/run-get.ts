import { err, ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { runDetail } from "../views/run-view.ts";
import { storedRun, unknownStep } from "../resolve-runs.ts";

/** One run with its steps and attempts. */
export const runGet = define("run.get", ({ run, step, stepsFrom, stepsLimit }, context) => {
  const found = storedRun(context.store, run);
  if (!found.ok) return found;
  if (step !== undefined && context.store.steps.get(found.value.id, step) === undefined) {
    return err(unknownStep(context.store, found.value, step));
  }
  const page = { from: stepsFrom, limit: stepsLimit, ...(step !== undefined && { step }) };
  return ok(runDetail(context, found.value, page));
});
