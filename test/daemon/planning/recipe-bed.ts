import { compileRecipe } from "../../../daemon/planning/compile/compile-recipe.ts";
import type { PlanDefaults } from "../../../daemon/planning/compile/step.ts";
import { readRecipe } from "../../../daemon/planning/recipe/read-recipe.ts";
import { TomlRecipe } from "../../../daemon/planning/recipe/toml-recipe.ts";
import type { Plan, Step } from "../../../daemon/domain/plan.ts";

/** The configuration's defaults, and a disk on which only these files are. */
export function recipeDefaults(...files: readonly string[]): PlanDefaults {
  return {
    retry: { outOfMemory: 6, failure: 0, lost: 3, timeout: 0, diverged: 0 },
    graceMs: 10_000,
    home: "",
    look: (path) => (files.includes(path) ? "file" : undefined),
  };
}

/** What a caller may give besides the recipe. */
export interface Given {
  readonly overrides?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly maxTrials?: number;
}

/** Compiles a recipe that lies in /w for a caller in /home; throws where the recipe itself is wrong. */
export function compile(text: string, { files = [], ...given }: Given = {}) {
  const read = readRecipe(text, "/w/r.toml");
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const request = { overrides: [], env: {}, cwd: "/home", ...given };
  return compileRecipe(new TomlRecipe(read.value, recipeDefaults(...files)), request);
}

/** The same where nothing is wrong: the plan and its steps by name. */
export async function compiled(
  text: string,
  given: Given = {},
): Promise<{ plan: Plan; steps: Readonly<Record<string, Step>> }> {
  const plan = await compile(text, given);
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  const steps = Object.fromEntries(plan.value.steps.map((step) => [step.name, step]));
  return { plan: plan.value, steps };
}
