import { describe, expect, it } from "vitest";
import { compile, compiled } from "./recipe-bed.ts";

const mib = 1024 ** 2;

const digits = `
name = "digits"
[args]
epochs = { type = "int", default = 5 }
model = { type = "string", default = "gbt", choices = ["gbt", "mlp"] }
data = { type = "path", default = "raw.csv" }
[defaults]
retry = { failure = 1, timeout = 4 }
env = { A = "all", B = "all" }
memory = "64M"
cwd = "sub"
[steps.setup]
command = ["./setup.sh"]
[steps.prepare]
command = ["python3", "prepare.py", "{out}", "{{x}}", "{recipe.dir}/etc"]
inputs = { raw = { path = "{args.data}", kind = "file" } }
output = { kind = "table", files = ["d.csv"], publish = "res/{args.model}" }
[steps.train]
command = ["python3", "train.py", "--model={args.model}", "{inputs.data}/d.csv"]
args = ["epochs"]
needs = ["setup"]
inputs = { data = "prepare" }
output = "model"
memory = { base = "200M", per = { epochs = "1M", model = { gbt = "10M", mlp = "100M" } }, max = "1G" }
calibrate = ["model"]
retry = { failure = 2 }
env = { B = "{args.epochs}" }
cpus = 2
timeout = "2h"
on-diverged = "prune"
[steps.evaluate]
command = ["python3", "evaluate.py"]
inputs = { models = "train" }
gather = true
output = "report"
`;

describe("a recipe compiles to a plan in which", () => {
  it("words hold arguments as texts, and what only the attempt knows as pieces", async () => {
    const { steps } = await compiled(digits);
    expect(steps["prepare"]?.argv).toEqual([
      "python3",
      "prepare.py",
      [{ own: "out" }],
      "{x}",
      "/w/etc",
    ]);
    expect(steps["train"]?.argv.slice(2)).toEqual(["--model=gbt", [{ input: "data" }, "/d.csv"]]);
  });

  it("paths are absolute: of the recipe from its directory, of the step from where it runs", async () => {
    const { steps } = await compiled(digits);
    expect(steps["prepare"]).toMatchObject({
      cwd: "/w/sub",
      inputs: { raw: { from: { path: "/w/raw.csv" } } },
      output: { publish: "/w/sub/res/gbt" },
    });
    const typed = await compiled(digits, { overrides: ["data=mine.csv"] });
    expect(typed.steps["prepare"]?.inputs["raw"]?.from).toEqual({ path: "/home/mine.csv" });
  });

  it("a step knows the arguments that it names, not those of its paths", async () => {
    const { steps } = await compiled(digits);
    expect(steps["prepare"]?.args).toEqual({});
    expect(steps["train"]?.args).toEqual({ epochs: 5, model: "gbt" });
  });

  it("what is said of all steps gives way to what is said of one", async () => {
    const { steps } = await compiled(digits);
    expect(steps["train"]).toMatchObject({
      env: { A: "all", B: "5" },
      retry: { failure: 2, timeout: 4, lost: 3, outOfMemory: 6 },
      onDiverged: "prune",
      timeouts: { hardMs: 7_200_000, graceMs: 10_000 },
      claims: { cpus: 2 },
    });
    expect(steps["setup"]).toMatchObject({ env: { B: "all" }, onDiverged: "ignore" });
  });

  it("memory is declared by formula, and learnt by the dimensions of its calibration", async () => {
    const { steps } = await compiled(digits, { overrides: ["epochs=100", "model=mlp"] });
    expect(steps["train"]).toMatchObject({
      memory: { declaredBytes: 400 * mib, ceilingBytes: 1024 * mib },
      calibrationKey: "digits/train model=mlp",
    });
    expect(steps["setup"]).toMatchObject({
      memory: { declaredBytes: 64 * mib },
      calibrationKey: "digits/setup",
    });
    const large = await compiled(digits, { overrides: ["epochs=100000"] });
    expect(large.steps["train"]?.memory.declaredBytes).toBe(1024 * mib);
  });

  it("results are reused where there are any to keep; its code is the script that it names", async () => {
    const { steps } = await compiled(digits, { files: ["/w/sub/train.py", "/w/sub/setup.sh"] });
    expect(steps["train"]).toMatchObject({ cache: "use", code: ["/w/sub/train.py"] });
    expect(steps["setup"]).toMatchObject({ cache: "never", code: ["/w/sub/setup.sh"] });
    expect(steps["prepare"]?.code).toEqual([]);
  });

  it("the recipe is told: its name, its arguments and their fingerprint", async () => {
    const { plan } = await compiled(digits, { overrides: ["+extra=inf"] });
    expect(plan.recipe).toEqual({
      name: "digits",
      file: "/w/r.toml",
      points: { "": { epochs: 5, model: "gbt", data: "/w/raw.csv", extra: "Infinity" } },
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });
});

describe("a sweep", () => {
  it("is one plan: equal work is one step, points are numbered, a step that gathers reads all", async () => {
    const text = digits.replace(', publish = "res/{args.model}"', "");
    const { plan, steps } = await compiled(text, { overrides: ["epochs=1,2", "model=gbt,mlp"] });
    expect(plan.steps.map(({ name }) => name)).toEqual([
      "setup",
      "prepare",
      "train-1",
      "train-2",
      "train-3",
      "train-4",
      "evaluate",
    ]);
    expect(steps["train-2"]).toMatchObject({
      args: { epochs: 1, model: "mlp" },
      needs: ["setup", "prepare"],
      inputs: { data: { from: { step: "prepare" } } },
      stage: { name: "digits/train" },
      calibrationKey: "digits/train model=mlp",
    });
    expect(steps["evaluate"]?.inputs["models"]).toEqual({
      kind: "list<model>",
      from: { steps: ["train-1", "train-2", "train-3", "train-4"] },
    });
    expect(plan.recipe?.points["3"]).toMatchObject({ epochs: 2, model: "gbt" });
  });

  it("varies only what depends on what varies", async () => {
    const text = digits.replace('publish = "res/{args.model}"', 'publish = "res"');
    const { plan } = await compiled(text, { overrides: ["model=gbt,mlp"] });
    expect(plan.steps.map(({ name }) => name)).toEqual([
      "setup",
      "prepare",
      "train-1",
      "train-2",
      "evaluate",
    ]);
  });

  it("a step that gathers reads a list without a sweep, too", async () => {
    const { steps } = await compiled(digits);
    expect(steps["evaluate"]?.inputs["models"]).toEqual({
      kind: "list<model>",
      from: { steps: ["train"] },
    });
  });

  it("only the inputs that are named are gathered", async () => {
    const text = digits
      .replace("gather = true", 'gather = ["models"]')
      .replace('inputs = { models = "train" }', 'inputs = { models = "train", data = "prepare" }');
    const { steps } = await compiled(text.replace("res/{args.model}", "res"), {
      overrides: ["epochs=1,2"],
    });
    expect(steps["evaluate"]?.inputs).toEqual({
      models: { kind: "list<model>", from: { steps: ["train-1", "train-2"] } },
      data: { kind: "table", from: { step: "prepare" } },
    });
  });

  it.each([
    [
      "points that publish to one path, at the path",
      digits.replace(
        "[steps.prepare]",
        "[steps.x]\ncommand = ['{args.epochs}']\noutput = { kind = 't', publish = 'same' }\n[steps.prepare]",
      ),
      ["epochs=1,2"],
      [{ field: "steps.x.output.publish", message: "x-1 publishes to the same path" }],
    ],
    [
      "a step that gathers and differs",
      digits.replace('["python3", "evaluate.py"]', '["{args.epochs}"]'),
      ["epochs=1,2"],
      [{ field: "steps.evaluate.gather" }],
    ],
    [
      "more points than were allowed",
      digits,
      ["epochs=range(0,50)", "model=gbt,mlp"],
      [
        {
          field: "",
          message:
            "the sweep has 100 points, and --max-trials allows 99: raise it, or name fewer values",
        },
      ],
    ],
  ])("is refused with %s", async (_what, text, overrides, problems) => {
    const plan = await compile(text, { overrides, maxTrials: 99 });
    expect(plan.ok ? [] : plan.error).toMatchObject(problems);
  });
});

describe("what only arguments can tell is refused", () => {
  it.each([
    ["a value that was taken away and is needed", ["~model"], "steps.train.command[2]"],
    ["a driver that cannot be counted", ["epochs=1", "~epochs"], "steps.train.memory.per.epochs"],
  ])("%s", async (_what, overrides, field) => {
    const plan = await compile(digits, { overrides });
    expect(plan.ok ? [] : plan.error.map((problem) => problem.field)).toContain(field);
  });
});
