import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { compileFor } from "../compile-for.ts";
import { planView } from "../views/plan-view.ts";

/** What a recipe would do now; nothing is stored. */
export const recipePlan = define("recipe.plan", async (params, context) => {
  const plan = await compileFor(context.recipes, params);
  return plan.ok ? ok(await planView(context, plan.value, params.limit)) : plan;
});
