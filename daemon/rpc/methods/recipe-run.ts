import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { compileFor } from "../compile-for.ts";
import { resolveWaits } from "../resolve-runs.ts";

/** Compiles a recipe and queues it; the answer means that it is on disk. */
export const recipeRun = define("recipe.run", async (params, { store, scheduler, recipes }) => {
  const waits = resolveWaits(store, params);
  if (!waits.ok) return waits;
  const plan = await compileFor(recipes, params);
  if (!plan.ok) return plan;
  const { name, env, priority, dedupeKey, failFast, pinned, notify } = params;
  const submitted = await scheduler.submitPlan({
    plan: plan.value,
    name,
    env,
    priority,
    ...waits.value,
    dedupeKey,
    failFast,
    pinned,
    notify,
  });
  if (!submitted.ok) return submitted;
  const { points = {}, fingerprint = "" } = plan.value.recipe ?? {};
  return ok({
    ...submitted.value,
    steps: plan.value.steps.length,
    points: Object.keys(points).length,
    fingerprint,
  });
});
