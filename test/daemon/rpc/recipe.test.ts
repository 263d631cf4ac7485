import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { PlanSpec } from "../../../daemon/protocol/schemas/plan.ts";
import { DaemonRig } from "./daemon-rig.ts";

const toy = `
help = "A toy"
[args]
epochs = { type = "int", default = 5, range = [1, 100], help = "passes" }
limit = { type = "float", default = inf }
[steps.prepare]
command = ["sh", "-c", "echo data > $0/d.txt", "{out}"]
output = { kind = "table", files = ["d.txt"] }
[steps.train]
command = ["sh", "-c", "cat $1/d.txt > $0/m.txt; echo {args.epochs} >> $0/m.txt", "{out}", "{inputs.data}"]
inputs = { data = "prepare" }
output = "model"
memory = { base = "40M", per = { epochs = "1M" } }
[steps.report]
command = ["sh", "-c", "cat $1/*/m.txt > $0/all.txt", "{out}", "{inputs.models}"]
inputs = { models = "train" }
gather = true
output = { kind = "report", publish = "all" }
`;

const several = `
import { arg, cookbook, plan, recipe, stage } from "blut/cookbook";
const loaf = stage({ name: "loaf", version: "1", args: { n: arg.int({ default: 2 }) }, command: () => ["true"] });
const bread = () => plan().start("bake", loaf).finish();
export default cookbook({
  stages: [loaf],
  recipes: [
    recipe({ name: "one", args: { n: arg.int({ default: 9, range: [1, 3] }) }, plan: bread }),
    recipe({ name: "two", plan: bread }),
    recipe({ name: "four", plan: () => plan().start("bake", loaf, { n: 1.5 }).finish() }),
    recipe({ name: "three", plan: () => { throw new Error("the oven is cold"); } }),
  ],
});
`;

let rig: DaemonRig;
let given: { cwd: string; env: Record<string, string> };

/** Puts a recipe where the daemon looks names up. */
function put(file: string, text: string): string {
  const directory = rig.context.config.paths.recipesDir ?? "";
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, file), text);
  return join(directory, file);
}

beforeEach(async () => {
  rig = await DaemonRig.serving();
  given = { cwd: rig.directory, env: { PATH: "/usr/bin:/bin" } };
});

describe("recipes", () => {
  it("are listed by name, those that cannot be read with the reason", async () => {
    put("toy.toml", toy);
    put("broken.toml", "[steps.a]\n");
    put("named.toml", `name = "another"\n${toy}`);
    put("notes.txt", "no recipe");
    const { recipes } = await rig.call("recipe.list", {});
    expect(recipes.map(({ name, problems }) => [name, problems.length])).toEqual([
      ["another", 0],
      ["broken", 1],
      ["toy", 0],
    ]);
    expect(recipes[2]?.args).toEqual([
      { name: "epochs", type: "int", default: 5, range: [1, 100], help: "passes" },
      { name: "limit", type: "float", default: "Infinity" },
    ]);
  });

  it("are shown with the steps that their defaults come to", async () => {
    put("toy.toml", toy);
    const { steps } = await rig.call("recipe.get", { recipe: { name: "toy" } });
    expect(steps.map(({ name, needs, output }) => [name, needs, output])).toEqual([
      ["prepare", [], "table"],
      ["train", ["prepare"], "model"],
      ["report", ["train"], "report"],
    ]);
  });

  it("are checked by name, by file and by text; problems are the answer", async () => {
    const file = put("toy.toml", toy.replace("{inputs.data}", "{inputs.dta}"));
    const problem = { field: "steps.train.command[4]", line: 10, column: 92 };
    for (const recipe of [{ name: "toy" }, { file }, { file, text: readFileSync(file, "utf8") }]) {
      expect(await rig.call("recipe.check", { recipe })).toMatchObject({
        file,
        problems: [problem],
      });
    }
    const text = "steps = 3";
    const checked = await rig.call("recipe.check", { recipe: { file: "/nowhere/x.toml", text } });
    expect(checked.problems).toMatchObject([{ line: 1, column: 9 }]);
  });

  it("are checked all at once where a cookbook has several", async () => {
    const file = put("several.ts", several);
    const wrongStep = "step bake: its argument n: expected a whole number, got 1.5";
    const checked = await rig.call("recipe.check", { recipe: { file } });
    expect(checked).toMatchObject({
      file,
      problems: [
        { field: "recipes.one.args.n.default", message: "expected 1 to 3, got 9" },
        { field: "recipes.four", message: wrongStep },
        { field: "recipes.three", message: "the oven is cold", line: 11 },
      ],
    });
    const { problems } = await rig.call("recipe.check", { recipe: { file: `${file}#two` } });
    expect(problems).toEqual([]);
    writeFileSync(file, "throw new Error('gone');");
    expect(await rig.call("recipe.check", { recipe: { file } })).toMatchObject({
      problems: [{ field: "", message: "gone", line: 1, column: 7 }],
    });
  });

  it.each([
    ["three", (file: string) => [`${file}:11:`, `blutctl recipe check ${file}`]],
    ["four", (file: string) => [`${file}#four: step bake: `, `blutctl recipe show ${file}#four`]],
  ])("of a cookbook are refused with their place, %s", async (name, says) => {
    const file = put("several.ts", several);
    const recipe = { file: `${file}#${name}` };
    const { error } = await rig.ask("recipe.run", { recipe, ...given });
    const [sentence = "", remedy = ""] = says(file);
    expect(error?.message).toContain(sentence);
    expect(error?.data).toMatchObject({ remedy: expect.stringContaining(remedy) as string });
  });

  it.each([
    ["a name that nobody has", { name: "tyo" }, "not-found", "did you mean `toy`?"],
    ["a name that two have", { name: "twin" }, "ambiguous", "two recipes are called twin"],
    [
      "a file that is not there",
      { file: "/nowhere.toml" },
      "invalid-recipe",
      "cannot be read: ENOENT",
    ],
    ["a file that is none", { file: "/dev/null" }, "invalid-recipe", "not a regular file"],
  ])("are refused by %s", async (_what, recipe, reason, sentence) => {
    put("toy.toml", toy);
    put("one.toml", `name = "twin"\n${toy}`);
    put("two.toml", `name = "twin"\n${toy}`);
    const { error } = await rig.ask("recipe.run", { recipe, ...given });
    expect(error).toMatchObject({
      message: expect.stringContaining(sentence) as string,
      data: { reason },
    });
  });

  it("have a schema, and so have plans", async () => {
    const { schema } = await rig.call("recipe.schema", {});
    expect(schema).toMatchObject({ type: "object", properties: { steps: { type: "object" } } });
    const plans = await rig.call("recipe.schema", { which: "plan" });
    expect(plans.schema).toMatchObject({ required: ["steps"] });
  });
});

describe("a recipe that is run", () => {
  it("becomes one run of all points, whose steps do what they say", async () => {
    put("toy.toml", toy);
    const ask = { recipe: { name: "toy" }, overrides: ["epochs=1,2"], ...given };
    const run = await rig.call("recipe.run", ask);
    expect(run).toMatchObject({ deduplicated: false, steps: 4, points: 2 });
    rig.begin();
    const ended = await rig.ended(run.id);
    expect(ended).toMatchObject({ name: "toy", state: "succeeded", attempts: 1 });
    expect(ended.command).toBe("toy limit=Infinity (2 points, 4 steps)");
    const published = join(rig.context.config.paths.recipesDir ?? "", "all/all.txt");
    expect(readFileSync(published, "utf8")).toBe("data\n1\ndata\n2\n");
  });

  it("is explained by its steps: the one that is next, or the one that is asked for", async () => {
    put("toy.toml", toy);
    const { id } = await rig.call("recipe.run", { recipe: { name: "toy" }, ...given });
    expect((await rig.call("run.get", { run: id })).command).toBe(
      "toy epochs=5 limit=Infinity (3 steps)",
    );
    expect(await rig.call("run.explain", { run: id })).toMatchObject({ step: "prepare" });
    const asked = await rig.call("run.explain", { run: id, step: "train" });
    expect(asked).toMatchObject({
      step: "train",
      limit: { origin: { kind: "declared" } },
      wait: { reason: "waits-for-step" },
    });
    const { error } = await rig.ask("run.explain", { run: id, step: "trian" });
    expect(error?.message).toContain("did you mean `train`?");
  });

  it("is planned with what is there already, and a point more is all that is done", async () => {
    put("toy.toml", toy);
    const ask = (overrides: string[]) => ({ recipe: { name: "toy" }, overrides, ...given });
    const before = await rig.call("recipe.plan", ask(["epochs=1,2"]));
    expect(before.cache).toEqual({ hit: 0, miss: 1, unknown: 3, never: 0 });
    expect(before.steps[1]?.footprint).toMatchObject({ origin: { kind: "declared" } });
    rig.begin();
    const { id } = await rig.call("recipe.run", ask(["epochs=1,2"]));
    await rig.ended(id);
    const after = await rig.call("recipe.plan", ask(["epochs=1,2,3"]));
    expect(after.steps.map(({ name, cache }) => [name, cache])).toEqual([
      ["prepare", expect.objectContaining({ kind: "hit", runId: id })],
      ["train-1", expect.objectContaining({ kind: "hit", runId: id })],
      ["train-2", expect.objectContaining({ kind: "hit", runId: id })],
      ["train-3", expect.objectContaining({ kind: "miss", changed: ["args.epochs", "command"] })],
      ["report", { kind: "unknown", after: ["train-3"] }],
    ]);
    const stored = await rig.call("plan.inspect", { run: id });
    expect(stored.cache).toEqual({ hit: 4, miss: 0, unknown: 0, never: 0 });
    expect(stored).toMatchObject({ fits: true, memory: { peakBytes: 0, stepsAtOnce: 0 } });
  });

  it("is refused with every argument that is wrong, and nothing is stored", async () => {
    put("toy.toml", toy);
    const overrides = ["epochs=1000", "modl=x"];
    const { error } = await rig.ask("recipe.run", { recipe: { name: "toy" }, overrides, ...given });
    expect(error).toMatchObject({
      message: "epochs: expected 1 to 100, got 1000, and 1 more",
      data: {
        reason: "invalid-recipe",
        problems: [{ field: "args.epochs" }, { field: "args.modl" }],
      },
    });
    expect((await rig.call("run.list", {})).runs).toEqual([]);
  });

  it("takes arguments from a file and from the environment", async () => {
    put("toy.toml", toy);
    const config = { file: "/etc/more.toml", text: "epochs = 7" };
    const planned = (more: object) =>
      rig.call("recipe.plan", { recipe: { name: "toy" }, ...given, ...more });
    const { steps } = await planned({ config });
    expect(steps[1]?.args).toEqual({ epochs: 7 });
    const env = { ...given.env, BLUT_ARG_EPOCHS: "8" };
    expect((await planned({ config, env })).steps[1]?.args).toEqual({ epochs: 8 });
  });
});

describe("a plan that does not fit", () => {
  it("says which step and why", async () => {
    const plan: PlanSpec = {
      steps: [
        { name: "huge", argv: ["true"], cwd: "/", memory: { firstBytes: 64 * 1024 ** 3 } },
        { name: "pool", argv: ["true"], cwd: "/", claims: { pools: { db: 1 } } },
        { name: "fine", argv: ["true"], cwd: "/" },
      ],
    };
    const inspected = await rig.call("plan.inspect", { plan });
    expect(inspected.fits).toBe(false);
    expect(inspected.never).toEqual([
      { step: "huge", sentence: "it needs at least 64 GiB, and 4 GiB is the most it can get here" },
      { step: "pool", sentence: "it claims 1 of the pool db, and there are 0 in all" },
    ]);
  });

  it("is refused where it is wrong, with everything that is", async () => {
    const steps = [
      { name: "a", argv: ["true"], cwd: "/", needs: ["b"] },
      { name: "b", argv: ["true"], cwd: "/", needs: ["a", "c"] },
    ];
    const { error } = await rig.ask("plan.inspect", { plan: { steps } });
    expect(error).toMatchObject({
      data: {
        reason: "invalid-plan",
        problems: [{ field: "steps.b.needs[1]" }, { field: "steps.a.needs" }],
      },
    });
  });
});
