import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { compileRecipe } from "../../../daemon/planning/compile/compile-recipe.ts";
import type { RecipeReference } from "../../../daemon/planning/recipe/source.ts";
import { TomlSource } from "../../../daemon/planning/recipe/toml-source.ts";
import { recipeDefaults } from "./recipe-bed.ts";

const text = `
args.model = { type = "string", default = "gbt" }
steps.train = { command = ["./train"], calibrate = ["model"], stage = "learning" }
`;
let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), "blut-keys-"));
  for (const directory of ["recipes", "a", "b"]) {
    mkdirSync(path.join(home, directory));
    writeFileSync(path.join(home, directory, "pipeline.toml"), text);
  }
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

async function keyOf(reference: RecipeReference): Promise<string> {
  const source = new TomlSource(path.join(home, "recipes"), recipeDefaults());
  const recipe = await source.open(reference);
  if (recipe?.ok !== true) throw new Error(JSON.stringify(recipe));
  const plan = await compileRecipe(recipe.value, { overrides: [], env: {}, cwd: "/" });
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  return plan.value.steps[0].calibrationKey;
}

it("two projects with the same recipe and step learn apart", async () => {
  const keys = ["a", "b"].map((name) => keyOf({ file: path.join(home, name, "pipeline.toml") }));
  expect(await Promise.all(keys)).toEqual([
    `${home}/a/pipeline/train model=gbt`,
    `${home}/b/pipeline/train model=gbt`,
  ]);
});

it("a recipe of the recipe directory is known by its name, however it is named", async () => {
  symlinkSync(path.join(home, "recipes"), path.join(home, "link"));
  const named = [
    { name: "pipeline" },
    { file: path.join(home, "recipes/pipeline.toml") },
    { file: path.join(home, "recipes/pipeline.toml"), text },
    { file: path.join(home, "link/pipeline.toml") },
  ];
  for (const reference of named) {
    expect(await keyOf(reference)).toBe("pipeline/train model=gbt");
  }
});

it("keys that are too long are told apart by what was cut", async () => {
  const deep = path.join(home, ...Array.from({ length: 3 }, () => "d".repeat(200)));
  const keys = ["a", "b"].map(async (name) => {
    mkdirSync(path.join(deep, name), { recursive: true });
    return keyOf({ file: path.join(deep, name, "pipeline.toml"), text });
  });
  const [a = "", b = ""] = await Promise.all(keys);
  expect([a.length, b.length]).toEqual([512, 512]);
  expect(a).not.toBe(b);
});
