import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { explain } from "../views/explain-view.ts";
import { storedRun } from "../resolve-runs.ts";

/** Where a run's limit comes from and what it waits for. */
export const runExplain = define("run.explain", ({ run }, context) => {
  const found = storedRun(context.store, run);
  return found.ok ? ok(explain(context, found.value)) : found;
});
