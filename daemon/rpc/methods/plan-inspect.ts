import { err, ok } from "../../domain/result.ts";
import { checkedPlan, invalidPlan } from "../../planning/check-plan.ts";
import { define } from "../context.ts";
import { storedRun } from "../resolve-runs.ts";
import { planView } from "../views/plan-view.ts";
import { planOf } from "../views/run-view.ts";

/** What the plan of a run, or one of the caller's own, would do now. */
export const planInspect = define("plan.inspect", async ({ run, plan, limit }, context) => {
  if (plan !== undefined) {
    const checked = checkedPlan(plan);
    if (checked.ok) return ok(await planView(context, checked.value, limit));
    return err(invalidPlan(checked.error));
  }
  const found = storedRun(context.store, run ?? "");
  if (!found.ok) return found;
  return ok(await planView(context, planOf(context, found.value.id), limit));
});
