import { expect, it } from "vitest";
import {
  arg,
  artifact,
  cookbook,
  list,
  plan,
  recipe,
  stage,
} from "../../../daemon/cookbook/index.ts";

// What must not compile is proved by the type check of the tests: an expected error that is none fails it.

const table = artifact("table", ["rows.csv"]);
const model = artifact("model");

const prepare = stage({
  name: "prepare",
  version: "1",
  args: { rows: arg.int({ default: 100 }) },
  output: table,
  run: ({ args, out }) => {
    args.rows satisfies number;
    out satisfies string;
  },
});
const shards = stage({ name: "shards", version: "1", output: list(table), run: () => undefined });
const train = stage({
  name: "train",
  version: "2",
  args: { lr: arg.float(), model: arg.string({ choices: ["gbt", "mlp"], default: "gbt" }) },
  inputs: { data: table },
  output: model,
  command: ({ args, inputs, out }) => {
    args.model satisfies "gbt" | "mlp";
    return ["train", String(args.lr), `${inputs.data}/rows.csv`, out];
  },
});
const evaluate = stage({
  name: "evaluate",
  version: "1",
  inputs: { data: table, model },
  run: ({ inputs }) => {
    inputs.model satisfies string;
    // @ts-expect-error -- there is no such input
    String(inputs.modle);
  },
});
const compare = stage({
  name: "compare",
  version: "1",
  inputs: { all: list(model) },
  run: () => undefined,
});

it("a chain, a join and a map that fit compile to their wiring", () => {
  const draft = plan()
    .start("prepare", prepare, { rows: 5 })
    .then("train", train, { lr: 0.1 })
    .join("evaluate", evaluate, { data: "prepare", model: "train" })
    .start("shards", shards)
    .map("each", train, "data", { data: "shards" }, { lr: 0.2 })
    .then("compare", compare)
    .gather("best", compare, { all: "train" })
    .finish();
  const wiring = draft.steps.map(({ name, inputs, map }) => ({ name, inputs, map }));
  expect(wiring).toEqual([
    { name: "prepare", inputs: {} },
    { name: "train", inputs: { data: "prepare" } },
    { name: "evaluate", inputs: { data: "prepare", model: "train" } },
    { name: "shards", inputs: {} },
    { name: "each", inputs: { data: "shards" }, map: "data" },
    { name: "compare", inputs: { all: "each" } },
    { name: "best", inputs: { all: "train" } },
  ]);
});

it("what does not fit is refused by the compiler", () => {
  const started = plan().start("prepare", prepare);
  const trained = started.then("train", train, { lr: 1 });
  // @ts-expect-error -- a stage with inputs cannot be a beginning
  plan().start("train", train, { lr: 1 });
  // @ts-expect-error -- the argument lr has no default
  started.then("train", train);
  // @ts-expect-error -- lr is a number
  started.then("train", train, { lr: "high" });
  // @ts-expect-error -- no such argument
  started.then("train", train, { lr: 1, epochs: 3 });
  // @ts-expect-error -- svm is not among the choices
  started.then("train", train, { lr: 1, model: "svm" });
  // @ts-expect-error -- a table is no model
  trained.join("evaluate", evaluate, { data: "prepare", model: "prepare" });
  // @ts-expect-error -- the input model is missing
  trained.join("evaluate", evaluate, { data: "prepare" });
  // @ts-expect-error -- no such step
  trained.join("evaluate", evaluate, { data: "prepare", model: "trian" });
  // @ts-expect-error -- evaluate has two inputs: what goes where?
  trained.then("evaluate", evaluate);
  // @ts-expect-error -- train takes a table, and a model is what there is
  trained.then("again", train, { lr: 1 });
  // @ts-expect-error -- the name is taken
  started.then("prepare", train, { lr: 1 });
  // @ts-expect-error -- a gathered input is a list, and train's is none
  started.gather("all", train, { data: "prepare" }, { lr: 1 });
  // @ts-expect-error -- only a list is fanned out
  started.map("each", train, "data", { data: "prepare" }, { lr: 1 });
  // @ts-expect-error -- a default that is not among the choices
  arg.string({ choices: ["a", "b"], default: "c" });
  // @ts-expect-error -- a stage does one thing: a body or a command
  stage({ name: "both", version: "1", run: () => undefined, command: () => ["true"] });
  expect(trained.finish().steps).toHaveLength(2);
});

it("a recipe's plan is given its arguments with their types", () => {
  const digits = recipe({
    name: "digits",
    args: { lr: arg.float({ default: 0.1 }), model: arg.string({ choices: ["gbt", "mlp"] }) },
    plan: (args) =>
      plan()
        .start("prepare", prepare)
        .then("train", train, { lr: args.lr, model: args.model })
        .finish(),
  });
  recipe({
    name: "wrong",
    args: { model: arg.string() },
    plan: ({ model }) => {
      const prepared = plan().start("prepare", prepare);
      // @ts-expect-error -- any string is no choice of train's
      return prepared.then("train", train, { lr: 1, model }).finish();
    },
  });
  const draft = digits.plan({ lr: 0.5, model: "mlp" });
  expect(draft.steps.map(({ args }) => args)).toEqual([{}, { lr: 0.5, model: "mlp" }]);
});

it("twin names and names that are none are told at once", () => {
  expect(() => cookbook({ stages: [prepare, prepare], recipes: [] })).toThrow(
    /two stages .* prepare/,
  );
  expect(() => artifact("Table!")).toThrow(/Table!/);
  expect(() => stage({ name: "-x", version: "1", run: () => undefined })).toThrow(/-x/);
});
