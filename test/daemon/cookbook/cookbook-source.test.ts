import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { CookbookHost } from "../../../daemon/cookbook/cookbook-host.ts";
import { CookbookShelf } from "../../../daemon/cookbook/cookbook-shelf.ts";
import { CookbookSource } from "../../../daemon/cookbook/cookbook-source.ts";
import { compileRecipe } from "../../../daemon/planning/compile/compile-recipe.ts";
import type { OpenRecipe, RecipeReference } from "../../../daemon/planning/recipe/source.ts";
import { filledByBox } from "../../support/filled-by-box.ts";

const fixtures = path.resolve(import.meta.dirname, "../../fixtures/cookbooks");
const defaults = {
  retry: { outOfMemory: 6, failure: 0, lost: 3, timeout: 0, diverged: 0 },
  graceMs: 7000,
};
let directory: string;
let source: CookbookSource;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "blut-recipes-"));
  cpSync(path.join(fixtures, "words.ts"), path.join(directory, "words.ts"));
  cpSync(path.join(fixtures, "words"), path.join(directory, "words"), { recursive: true });
  const host = new CookbookHost();
  source = new CookbookSource(new CookbookShelf(directory, host), host, defaults);
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

async function opened(reference: RecipeReference): Promise<OpenRecipe> {
  const found = await source.open(reference);
  if (found?.ok !== true) throw new Error(JSON.stringify(found));
  return found.value;
}

it("lists what can be used, and what cannot with its reason", async () => {
  cpSync(path.join(fixtures, "throws.ts"), path.join(directory, "broken.ts"));
  const listed = await source.list();
  expect(listed).toMatchObject([
    {
      name: "broken",
      kind: "cookbook",
      problems: [{ message: expect.stringContaining("the oven is cold") as string }],
    },
    { name: "words", kind: "cookbook", args: { times: { type: "int" } }, problems: [] },
  ]);
});

it("compiles a sweep to one plan, steps of all points shared where they are the same", async () => {
  const recipe = await opened({ name: "words" });
  const plan = await compileRecipe(recipe, { overrides: ["times=1,2"], env: {}, cwd: "/" });
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  expect(plan.value.steps.map(({ name }) => name)).toEqual([
    ...["write-1", "write-2", "count-1", "count-2", "again-1", "again-2"],
  ]);
  expect(plan.value.steps[0]).toMatchObject({ timeouts: { graceMs: 7000 }, cache: "use" });
  expect(plan.value.steps[2]).toMatchObject({ retry: { failure: 1, lost: 3 }, needs: ["write-1"] });
  expect(plan.value.recipe).toMatchObject({ name: "words", points: { 1: { times: 1 } } });
});

it("takes an argument that the stage refuses to be wrong before anything runs", async () => {
  const recipe = await opened({ file: path.join(directory, "words.ts#words") });
  const plan = await compileRecipe(recipe, { overrides: ["times=many"], env: {}, cwd: "/" });
  expect(plan).toMatchObject({ ok: false, error: [{ field: "args.times" }] });
});

it("learns of a stage apart from other directories' stages of that name", async () => {
  const elsewhere = path.join(directory, "project");
  cpSync(fixtures, elsewhere, { recursive: true });
  const keys = [{ name: "words" }, { file: path.join(elsewhere, "words.ts") }].map(
    async (named) => {
      const recipe = await opened(named);
      const plan = await compileRecipe(recipe, { overrides: [], env: {}, cwd: "/" });
      return plan.ok && plan.value.steps[0].calibrationKey;
    },
  );
  const [shelved, own] = await Promise.all(keys);
  expect(shelved).toMatch(/^stage [^/]+$/);
  expect(own).toBe(String(shelved).replace("stage ", `stage ${elsewhere}/`));
});

it("is nobody's where no cookbook has it", async () => {
  expect(await source.open({ name: "wrods" })).toBeUndefined();
  expect(await source.open({ file: "/x/pipeline.toml" })).toBeUndefined();
  const unknown = await source.open({ file: path.join(directory, "words.ts#wrods") });
  expect(unknown).toMatchObject({ ok: false, error: { reason: "not-found" } });
});

it("is loaded again once one of its files has changed", async () => {
  await opened({ name: "words" });
  const greeting = path.join(directory, "words/greeting.ts");
  writeFileSync(greeting, 'throw new Error("changed");\nexport const greeting = 1;');
  utimesSync(greeting, 1, 1);
  expect(await source.list()).toMatchObject([
    { problems: [{ message: expect.stringContaining("changed") as string }] },
  ]);
});

const strict = `
import { arg, cookbook, plan, recipe, stage } from "blut/cookbook";
const knead = stage({
  name: "knead", version: "1", resources: { memory: "64M" },
  args: { n: arg.int({ range: [1, 5] }), flour: arg.string({ default: "rye", choices: ["rye", "spelt"] }) },
  command: () => ["true"],
});
export default cookbook({
  stages: [knead],
  recipes: [recipe({
    name: "knead",
    args: { n: arg.float({ default: 9 }), flour: arg.string({ default: "rye" }) },
    plan: ({ n, flour }) => plan().start("first", knead, { n, flour: flour as "rye" }).finish(),
  })],
});
`;

it.each([
  [[], "step first: its argument n: expected 1 to 5, got 9"],
  [["n=1.5"], "step first: its argument n: expected a whole number, got 1.5"],
  [["n=2", "flour=rey"], "step first: its argument flour: expected one of rye, spelt, got `rey`"],
])("refuses what a recipe hands to a stage that does not allow it: %j", async (overrides, says) => {
  writeFileSync(path.join(directory, "strict.ts"), strict);
  const recipe = await opened({ name: "knead" });
  const problems = [{ message: expect.stringContaining(says) as string }];
  const plan = await compileRecipe(recipe, { overrides, env: {}, cwd: "/" });
  expect(plan).toMatchObject({ ok: false, error: problems });
  if (overrides.length === 0) expect(await recipe.check()).toMatchObject(problems);
});

it("declares a stage's memory, which gives way to what is learnt", async () => {
  writeFileSync(path.join(directory, "strict.ts"), strict);
  const recipe = await opened({ name: "knead" });
  const plan = await compileRecipe(recipe, { overrides: ["n=3"], env: {}, cwd: "/" });
  expect(plan.ok && plan.value.steps[0].memory).toEqual({ declaredBytes: 64 * 1024 ** 2 });
});

const odd = `
import { appendFileSync } from "node:fs";
import { arg, artifact, cookbook, plan, recipe, stage } from "blut/cookbook";
const loaf = stage({ name: "loaf", version: "1", output: artifact("bread"), command: () => ["true"] });
const warm = stage({
  name: "warm", version: "1",
  args: { heat: arg.float({ default: 1, range: [-Infinity, Infinity] }) },
  run: ({ args, out }) => appendFileSync(out + "/heat", String(args.heat === -Infinity)),
});
const bake = stage({ name: "bake", version: "1", resources: { cpus: -1 }, command: () => ["true"] });
export default cookbook({
  stages: [loaf, warm, bake],
  recipes: [
    recipe({ name: "hot", args: { heat: arg.int({ default: 5, range: [1, 3] }) }, plan: () => plan().start("one", loaf).finish() }),
    recipe({
      name: "twice",
      plan: () => plan().start("one", loaf).placed({ publish: "x" }).start("two", loaf).placed({ publish: "x" }).finish(),
    }),
    recipe({
      name: "warm",
      args: { heat: arg.float({ default: 1, range: [-Infinity, Infinity] }) },
      plan: ({ heat }) => plan().start("warm", warm, { heat }).finish(),
    }),
    recipe({ name: "bake", plan: () => plan().start("first", warm).start("second", bake).finish() }),
  ],
});
`;

it("tells what is wrong with a step by the step's name, in people's words", async () => {
  writeFileSync(path.join(directory, "odd.ts"), odd);
  const recipe = await opened({ name: "bake" });
  expect(await recipe.check()).toEqual([
    { field: "steps.second.claims.cpus", message: "expected at least 0" },
  ]);
});

it("checks what its author declares, and the plan as a whole, as those of TOML are", async () => {
  writeFileSync(path.join(directory, "odd.ts"), odd);
  expect(await source.open({ name: "hot" })).toMatchObject({
    ok: false,
    error: {
      reason: "invalid-recipe",
      problems: [{ field: "args.heat.default", message: "expected 1 to 3, got 5" }],
    },
  });
  const twice = await opened({ name: "twice" });
  expect(await twice.check()).toEqual([
    { field: "steps.two.output.publish", message: "one publishes to the same path" },
  ]);
});

it("takes a number that JSON has no word for as far as the body", async () => {
  writeFileSync(path.join(directory, "odd.ts"), odd);
  const recipe = await opened({ name: "warm" });
  const plan = await compileRecipe(recipe, { overrides: ["heat=-inf"], env: {}, cwd: "/" });
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  const [step] = plan.value.steps;
  expect(step.args).toEqual({ heat: "-Infinity" });
  const [program, ...args] = filledByBox(step.argv);
  const context = path.join(directory, "context.json");
  const paths = { out: directory, events: path.join(directory, "e"), checkpoints: directory };
  writeFileSync(context, JSON.stringify({ ...paths, args: step.args, inputs: {} }));
  const ran = spawnSync(program, args, { env: { BLUT_CONTEXT: context }, encoding: "utf8" });
  expect(ran).toMatchObject({ status: 0 });
  expect(readFileSync(path.join(directory, "heat"), "utf8")).toBe("true");
});
