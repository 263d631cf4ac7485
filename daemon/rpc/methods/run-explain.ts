import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { explain } from "../views/explain-view.ts";
import { storedRunWith } from "../resolve-runs.ts";

/** Where the limit of a run's step comes from and what it waits for. */
export const runExplain = define("run.explain", ({ run, step }, context) => {
  const found = storedRunWith(context.store, run, step);
  return found.ok ? ok(explain(context, found.value, step)) : found;
});
