import { describe, expect, it } from "vitest";
import type { Step } from "../../../daemon/domain/plan.ts";
import { checkedPlan, planProblems } from "../../../daemon/planning/check-plan.ts";
import { aPlan } from "../../support/plans.ts";

const said = (...steps: Partial<Step>[]): string[] =>
  planProblems(aPlan(...steps)).map(({ field, message }) => `${field}: ${message}`);

const table = { kind: "table", files: [] };

describe("a plan is refused with its place for", () => {
  it.each<[string, Partial<Step>[], string[]]>([
    [
      "a cycle, by the steps on it",
      [
        { name: "a", needs: ["c"] },
        { name: "b", needs: ["a"] },
        { name: "c", needs: ["b"] },
        { name: "waits", needs: ["a"] },
      ],
      ["steps.a.needs: a cycle: a needs c needs b needs a"],
    ],
    ["a self edge", [{ name: "a", needs: ["a"] }], ["steps.a.needs[0]: it needs itself"]],
    [
      "an unknown step, with the nearest",
      [{ name: "prepare" }, { name: "b", needs: ["prepair"] }],
      ["steps.b.needs[0]: there is no step prepair; did you mean `prepare`?"],
    ],
    ["twin names", [{ name: "a" }, { name: "a" }], ["steps.a: two steps are called a"]],
    [
      "a name that an element of a map would have",
      [{ name: "train.3" }],
      ["steps.train.3: a dot and digits at the end name an element of a mapped step; use a dash"],
    ],
    [
      "a name that a file of its run has",
      [{ name: "status.jsonl" }, { name: "lineage.jsonl" }, { name: "events.jsonl" }],
      [
        "steps.status.jsonl: a file of every run has this name; use another",
        "steps.lineage.jsonl: a file of every run has this name; use another",
      ],
    ],
    [
      "kinds that do not fit",
      [
        { name: "a", output: table },
        {
          name: "b",
          needs: ["a"],
          inputs: { model: { kind: "model", from: { step: "a" } } },
        },
      ],
      ["steps.b.inputs.model: it takes model, and a leaves table"],
    ],
    [
      "an input from a step without an output",
      [
        { name: "a" },
        { name: "b", needs: ["a"], inputs: { x: { kind: "any", from: { step: "a" } } } },
      ],
      ["steps.b.inputs.x: a has no output"],
    ],
    [
      "several outputs where one is taken",
      [
        { name: "a", output: table },
        { name: "b", needs: ["a"], inputs: { x: { kind: "table", from: { steps: ["a"] } } } },
      ],
      ["steps.b.inputs.x: the outputs of several steps are a list, and it takes table"],
    ],
    [
      "a map over what is no list, or over nothing",
      [
        { name: "a", map: "x", inputs: { x: { kind: "file", from: { path: "/x" } } } },
        { name: "b", map: "y" },
        { name: "c", map: "x", inputs: { x: { kind: "list<file>", from: { path: "/x" } } } },
      ],
      [
        "steps.a.map: the input x is file, and only a list can be mapped over",
        "steps.b.map: there is no input y to map over",
        "steps.c.map: the input x is a path, and only what a step left, or a stored artifact, can be mapped over",
      ],
    ],
    [
      "two steps that publish to one path, or one inside the other's",
      [
        { name: "a", output: { ...table, publish: "/w/out" } },
        { name: "b", output: { ...table, publish: "/w/./out/" } },
        { name: "c", output: { ...table, publish: "/w/out-more" } },
        { name: "d", output: { ...table, publish: "/w/out/deep/er" } },
      ],
      [
        "steps.b.output.publish: a publishes to the same path",
        "steps.d.output.publish: it is inside /w/out/, which a publishes",
      ],
    ],
    [
      "a mapped step that publishes",
      [
        {
          name: "a",
          map: "x",
          inputs: { x: { kind: "list<file>", from: { artifact: "a".repeat(64) } } },
          output: { ...table, publish: "/w/out" },
        },
      ],
      [
        "steps.a.output.publish: a mapped step cannot publish: all its elements would write to one path",
      ],
    ],
    [
      "a word that names no input",
      [
        {
          name: "a",
          argv: ["x", [{ input: "dta" }]],
          inputs: { data: { kind: "file", from: { path: "/x" } } },
        },
      ],
      ["steps.a.argv[1]: there is no input dta; did you mean `data`?"],
    ],
    [
      "a word that names an input which may be left out",
      [
        { name: "a", output: table },
        {
          name: "b",
          argv: ["x", [{ input: "t" }]],
          needs: ["a"],
          inputs: { t: { kind: "table", from: { step: "a", optional: true } } },
        },
      ],
      ["steps.b.argv[1]: the input t is optional: a command line cannot name it, context.json can"],
    ],
  ])("%s", (_what, steps, problems) => {
    expect(said(...steps)).toEqual(problems);
  });
});

describe("a plan that is good", () => {
  it("lists of a mapped step go where lists are taken, any takes everything", () => {
    const files = { kind: "list<file>", from: { artifact: "a".repeat(64) } } as const;
    const steps: Partial<Step>[] = [
      { name: "each", map: "files", inputs: { files }, output: table },
      {
        name: "all",
        needs: ["each"],
        inputs: {
          tables: { kind: "list<table>", from: { step: "each" } },
          anything: { kind: "any", from: { step: "each" } },
        },
      },
    ];
    expect(said(...steps)).toEqual([]);
  });

  it("needs what its inputs come from, once, and learns by its program", () => {
    const checked = checkedPlan(
      aPlan(
        { name: "a", output: table },
        {
          name: "b",
          argv: ["python3", "b.py", [{ own: "out" }]],
          cwd: "/w",
          calibrationKey: "",
          inputs: {
            x: { kind: "table", from: { step: "a" } },
            y: { kind: "list<table>", from: { steps: ["a"] } },
          },
        },
      ),
    );
    const [, b] = checked.ok ? checked.value.steps : [];
    expect(b).toMatchObject({ needs: ["a"], calibrationKey: "python3 /w/b.py" });
  });
});

describe("depth costs no stack", () => {
  const depth = 20_000;
  const chain = Array.from({ length: depth }, (_, i) => ({
    name: `s${i}`,
    needs: i === 0 ? [] : [`s${i - 1}`],
  }));

  it("of a chain", () => {
    expect(said(...chain)).toEqual([]);
  });

  it("of a cycle, which is named in part", () => {
    const [first, ...others] = chain;
    const [problem = ""] = said({ ...first, needs: [`s${depth - 1}`] }, ...others);
    expect(problem).toMatch(/^steps\.s0\.needs: a cycle: s0 needs s19999 .* 19991 more needs s0$/);
  });
});
