import { describe, expect, it } from "vitest";
import { readRecipe } from "../../../daemon/planning/recipe/read-recipe.ts";
import { TomlRecipe } from "../../../daemon/planning/recipe/toml-recipe.ts";
import { recipeDefaults } from "./recipe-bed.ts";

/** What `recipe check` would print, without the file. */
async function check(text: string): Promise<string[]> {
  const read = readRecipe(text, "/w/r.toml");
  const problems = read.ok
    ? await new TomlRecipe(read.value, recipeDefaults()).check()
    : read.error;
  return problems.map(
    ({ line, column, field, message }) => `${line}:${column}: ${field}: ${message}`,
  );
}

describe("a recipe file is refused with the place of", () => {
  it("bad TOML", async () => {
    expect(await check('name = "a"\nsteps = [')).toEqual([
      expect.stringMatching(/^2:\d+: : Invalid TOML/),
    ]);
  });

  it("every problem of its form at once, misspelt keys with the nearest", async () => {
    const text = `
nmae = "digits"
[args.epochs]
type = "integer"
[steps.prepare]
comand = ["x"]
memory = { bas = "1G" }
[steps.train]
command = ["x", 3]
timeout = 5
retry = { failures = 1 }
output = { kind = "list<t" }
`;
    expect(await check(text)).toEqual([
      "2:1: nmae: unknown key; did you mean `name`?",
      "4:8: args.epochs.type: expected one of string, int, float, bool, path",
      '5:2: steps.prepare.command: is missing: expected a list of words, such as ["python3", "train.py"]',
      "6:1: steps.prepare.comand: unknown key; did you mean `command`?",
      "7:1: steps.prepare.memory.base: is missing: expected a size such as 512M or 2G",
      "7:12: steps.prepare.memory.bas: unknown key; did you mean `base`?",
      "9:17: steps.train.command[1]: expected a word",
      "10:11: steps.train.timeout: expected a duration such as 90s or 1h30m",
      "11:11: steps.train.retry.failures: unknown key; did you mean `failure`?",
      "12:19: steps.train.output.kind: expected a kind: a word such as table, or list<table>",
    ]);
  });

  it("what does not fit together, too, where only keys are unknown and defaults not allowed", async () => {
    const text = `
args.n = { type = "int", default = 5, range = [6, 7] }
[steps.a]
command = ["x", "{args.m}"]
needs = ["b"]
timout = "2h"
`;
    expect(await check(text)).toEqual([
      "2:36: args.n.default: expected 6 to 7, got 5",
      expect.stringMatching(/^4:\d+: steps.a.command\[1\]: \{args.m\} names nothing/),
      expect.stringMatching(/^5:\d+: steps.a.needs\[0\]: there is no step b/),
      "6:1: steps.a.timout: unknown key; did you mean `timeout`?",
    ]);
  });

  it("arguments that contradict themselves", async () => {
    const text = `
[args]
a = { type = "int", default = 5000, range = [1, 1000] }
b = { type = "string", default = "x", choices = ["y", "z"] }
c = { type = "bool", range = [0, 1] }
d = { type = "float", range = [2, 1] }
e-f = { type = "string" }
e_f = { type = "string" }
[steps.s]
command = ["x"]
`;
    expect(await check(text)).toEqual([
      "3:31: args.a.default: expected 1 to 1000, got 5000",
      "4:34: args.b.default: expected one of y, z, got `x`; did you mean `y`?",
      "5:30: args.c.range: a bool has no range",
      "6:31: args.d.range: the smallest value is above the largest",
      "8:7: args.e_f: e-f and e_f are one variable, BLUT_ARG_E_F",
    ]);
  });

  it("everything that means nothing, whatever the arguments will be", async () => {
    const text = `
[args]
epochs = { type = "int" }
[defaults]
env = { E = "{args.epoch}" }
[steps.a]
command = ["python3", "{args.epcohs}", "{foo}",
  "{inputs.x}", "a{b", "{{\\"a\\": 1}}"]
needs = ["c", "zz", "a"]
output = { kind = "table", publish = "out" }
[steps.b]
command = ["x"]
inputs = { t = { from = "a", kind = "model" }, u = "nix" }
memory = { base = "1M", per = { epcohs = "1M" } }
output = { kind = "table", publish = "out/x" }
code = ["gone.py"]
calibrate = ["epochs", "lr"]
args = ["lr"]
gather = ["nothing"]
timeout = "1h"
soft-timeout = "1h"
[steps.c]
command = ["x"]
env = { E = "own" }
needs = ["a"]
map = "q"
`;
    expect(await check(text)).toEqual([
      "5:13: defaults.env.E: {args.epoch} names nothing; did you mean `args.epochs`?",
      "7:23: steps.a.command[1]: {args.epcohs} names nothing; did you mean `args.epochs`?",
      "7:40: steps.a.command[2]: {foo} names nothing; there are args.epochs, out, checkpoints, context, recipe.dir, and {{ is a brace",
      "8:3: steps.a.command[3]: {inputs.x} names nothing; there are args.epochs, out, checkpoints, context, recipe.dir, and {{ is a brace",
      "8:17: steps.a.command[4]: a { that is meant as one is written {{",
      "9:9: steps.a.needs: a cycle: a needs c needs a",
      "9:15: steps.a.needs[1]: there is no step zz",
      "9:21: steps.a.needs[2]: it needs itself",
      "13:16: steps.b.inputs.t: it takes model, and a leaves table",
      "13:52: steps.b.inputs.u: there is no step nix",
      "14:42: steps.b.memory.per.epcohs: there is no argument epcohs; did you mean `epochs`?",
      "15:38: steps.b.output.publish: it is inside /w/out/, which a publishes",
      "16:9: steps.b.code[0]: there is no /w/gone.py",
      "17:24: steps.b.calibrate[1]: there is no argument lr",
      "18:9: steps.b.args[0]: there is no argument lr",
      "19:11: steps.b.gather[0]: there is no input nothing",
      "21:16: steps.b.soft-timeout: the warning comes no earlier than the timeout",
      "26:7: steps.c.map: there is no input q to map over",
    ]);
  });

  it("keys written with dots, with quotes and in inline tables", async () => {
    const text =
      'steps."a".command = ["x"]\nsteps.a.output = { kind = "t", files = ["ok", "../no"] }\n';
    expect(await check(text)).toEqual([
      "2:47: steps.a.output.files[1]: expected a path inside the output directory",
    ]);
  });

  it("nothing at all in a good one", async () => {
    expect(await check('[steps.a]\ncommand = ["true"]\n')).toEqual([]);
  });
});
