import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import type { Plan } from "../../daemon/domain/plan.ts";
import { compileRecipe } from "../../daemon/planning/compile/compile-recipe.ts";
import { readRecipe } from "../../daemon/planning/recipe/read-recipe.ts";
import { TomlRecipe } from "../../daemon/planning/recipe/toml-recipe.ts";

const examples = path.resolve(import.meta.dirname, "../../python/examples");
const retry = { outOfMemory: 6, failure: 0, lost: 3, timeout: 0, diverged: 0 };

function look(file: string): "file" | "directory" | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  return found.isDirectory() ? "directory" : "file";
}

/** One of the example recipes, compiled for what a person types; a problem is an error of the test. */
async function planOf(file: string, ...overrides: string[]): Promise<Plan> {
  const at = path.join(examples, file);
  const read = readRecipe(readFileSync(at, "utf8"), at);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const recipe = new TomlRecipe(read.value, { retry, graceMs: 10_000, home: "", look });
  expect(await recipe.check()).toStrictEqual([]);
  const plan = await compileRecipe(recipe, { env: {}, overrides, cwd: "/" });
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  return plan.value;
}

const argsOf = (plan: Plan, step: string) => plan.steps.find(({ name }) => name === step)?.args;

test("the digits: a sweep shares what does not depend on the model, and one report reads all points", async () => {
  const plan = await planOf("digits/pipeline.toml", "model=choice(gbt,mlp,knn,logistic)");
  const points = ["1", "2", "3", "4"];
  expect(plan.steps.map(({ name }) => name).sort()).toStrictEqual([
    ...points.map((point) => `evaluate-${point}`),
    "prepare",
    "report",
    "split",
    ...points.map((point) => `train-${point}`),
  ]);
  expect(argsOf(plan, "train-2")).toStrictEqual({ model: "mlp", epochs: 5, lr: 0.1, seed: 1 });
  expect(argsOf(plan, "split")).toStrictEqual({ seed: 1, "held-back": 0.25 });
  const report = plan.steps.find(({ name }) => name === "report");
  expect(report?.inputs["scores"]).toMatchObject({
    kind: "list<scores>",
    from: { steps: points.map((point) => `evaluate-${point}`), optional: true },
  });
});

test("the fine-tuning: only the spec knows arguments, and the base is shared by all specs", async () => {
  const plan = await planOf("finetune/finetune.toml", "method=full,head,low-rank");
  expect(plan.steps.filter(({ name }) => name.startsWith("base"))).toHaveLength(1);
  expect(argsOf(plan, "tune-3")).toStrictEqual({});
  expect(argsOf(plan, "spec-3")).toMatchObject({ method: "low-rank", optimiser: "adam" });
  expect(plan.steps.find(({ name }) => name === "spec-3")?.cache).toBe("never");
});
