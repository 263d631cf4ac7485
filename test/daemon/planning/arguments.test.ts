import { describe, expect, it } from "vitest";
import type { ArgumentSpecs } from "../../../daemon/domain/argument.ts";
import { readConfigLayer } from "../../../daemon/planning/arguments/config-layer.ts";
import { pointsOf, type ArgumentLayers } from "../../../daemon/planning/arguments/points.ts";

const specs: ArgumentSpecs = {
  epochs: { type: "int", default: 5, range: [1, 1000] },
  lr: { type: "float", default: 0.1 },
  model: { type: "string", default: "gbt", choices: ["gbt", "mlp", "maxent"] },
  name: { type: "string", default: "" },
  fast: { type: "bool", default: false },
  data: { type: "path", default: "d.csv" },
};

type Given = Partial<ArgumentLayers> & { readonly file?: string };

function points({ file, ...given }: Given) {
  const layer = file === undefined ? undefined : readConfigLayer(file, "/etc/more.toml");
  if (layer?.ok === false) throw new Error(JSON.stringify(layer.error));
  return pointsOf({
    ...{ specs, recipeDirectory: "/w", env: {}, overrides: [], cwd: "/home" },
    ...(layer !== undefined && { config: layer.value }),
    ...given,
  });
}

/** The values that one argument takes, point by point. */
function valuesOf(key: string, ...overrides: string[]): unknown[] {
  const found = points({ overrides });
  if (!found.ok) throw new Error(JSON.stringify(found.error));
  return found.value.map((point) => point[key]);
}

function problemsOf(given: Given): string[] {
  const found = points(given);
  return found.ok ? [] : found.error.map(({ field, message }) => `${field}: ${message}`);
}

describe("layers", () => {
  it("go from the defaults over the file and the environment to the command line", () => {
    const found = points({
      file: "epochs = 6\nlr = 0.6\nmodel = 'mlp'\ndata = 'f.csv'",
      env: { BLUT_ARG_LR: "0.7", BLUT_ARG_MODEL: "maxent", BLUT_ARG_OTHER: "x" },
      overrides: ["model=gbt"],
    });
    expect(found.ok && found.value).toEqual([
      { epochs: 6, lr: 0.7, model: "gbt", name: "", fast: false, data: "/etc/f.csv" },
    ]);
  });

  it("take paths from where each was written", () => {
    expect(valuesOf("data")).toEqual(["/w/d.csv"]);
    expect(valuesOf("data", "data=x.csv")).toEqual(["/home/x.csv"]);
  });

  it("read a file's [args], too, and tell the place of what is wrong in it", () => {
    expect(problemsOf({ file: "[args]\nepochs = 6\nlr = 'x'\nepcohs = 3\n" })).toEqual([
      "args.lr: /etc/more.toml:3:6: expected a number, got `x`",
      "args.epcohs: /etc/more.toml:4:10: there is no argument `epcohs`; did you mean `epochs`?",
    ]);
  });

  it("say everything that is wrong at once", () => {
    expect(
      problemsOf({
        specs: { ...specs, must: { type: "string" } },
        env: { BLUT_ARG_EPOCHS: "many" },
        overrides: ["modl=x", "lr=fast", "model=svm", "~nothing", "junk", "fast="],
      }),
    ).toEqual([
      "args.epochs: BLUT_ARG_EPOCHS: expected a whole number, got `many`",
      "args.modl: there is no argument `modl`; did you mean `model`?",
      "args.lr: expected a number, got `fast`",
      "args.model: expected one of gbt, mlp, maxent, got `svm`",
      "args.nothing: there is no argument `nothing`",
      ": junk has no value: write junk=VALUE, or ~junk",
      "args.fast: expected true or false, got ``",
      "args.must: it has no default, and no value was given: must=VALUE",
    ]);
  });
});

describe("overrides", () => {
  it.each<[string, string, unknown[]]>([
    ["epochs", "epochs=7", [7]],
    ["epochs", "epochs=1,2,4", [1, 2, 4]],
    ["epochs", "epochs=choice(1,2,2,1)", [1, 2]],
    ["epochs", "epochs=range(1,4)", [1, 2, 3]],
    ["epochs", "epochs=range(9,3,-3),1", [9, 6, 1]],
    ["lr", "lr=range(0.1,0.5,0.1)", [0.1, 0.2, 0.3, 0.4]],
    ["lr", "lr=range(1e-3,3e-3,1e-3)", [0.001, 0.002]],
    ["lr", "lr=1e-3,-0,inf,-inf", [0.001, 0, Infinity, -Infinity]],
    ["lr", "lr=nan", [NaN]],
    ["model", "model=glob(m*)", ["mlp", "maxent"]],
    ["model", "model=glob(*t,mlp)", ["gbt", "mlp", "maxent"]],
    ["name", "name=a\\,b", ["a,b"]],
    ["name", 'name="a,b",c', ["a,b", "c"]],
    ["name", "name='it\\'s',=", ["it's", "="]],
    ["name", "name=", [""]],
    ["name", "name=a=b", ["a=b"]],
    ["name", "name=f(x,y)", ["f(x", "y)"]],
    ["name", "name=\\d+", ["\\d+"]],
    ["fast", "fast=true,false", [true, false]],
    ["more", "+more=3", [3]],
    ["more", "+more=3,true,'3',x", [3, true, "3", "x"]],
    ["lr", "~lr", [undefined]],
  ])("%s of %s", (key, override, values) => {
    expect(valuesOf(key, override)).toEqual(values);
  });

  it.each([
    ["epochs=range(1,2", "range( has no closing bracket"],
    ["epochs=range(1,5,0)", "a step of 0 goes nowhere"],
    ["epochs=range(5,1)", "the range is empty"],
    ["epochs=range(1,2,0.5)", "expected whole numbers"],
    ["epochs=range(1,99999999)", "at most 10000"],
    ["model=range(1,2)", "this is a string"],
    ["name=glob(*)", "this has none"],
    ["model=glob(z*)", "no choice matches `z*`"],
    ['name="a', 'a " has no second one'],
    ['name="a"b', "`b` follows where a comma was expected"],
    ["epochs=1.5", "expected a whole number"],
    ["epochs=9007199254740993", "expected a whole number"],
    ["epochs=0", "expected 1 to 1000, got 0"],
    ["~epochs=1", "has none itself"],
  ])("refuse %s", (override, sentence) => {
    expect(problemsOf({ overrides: [override] })).toEqual([expect.stringContaining(sentence)]);
  });

  it("make a point of each combination, the first key changing slowest", () => {
    const found = points({ overrides: ["model=gbt,mlp", "epochs=1,2"] });
    expect(found.ok && found.value.map(({ model, epochs }) => [model, epochs])).toEqual([
      ["gbt", 1],
      ["gbt", 2],
      ["mlp", 1],
      ["mlp", 2],
    ]);
  });
});
