import { describe, expect, it } from "vitest";
import { planSpec } from "../../../daemon/protocol/schemas/plan.ts";
import { aPlan } from "../../support/plans.ts";

const short = { name: "a", argv: ["true"], cwd: "/" };

describe("a plan as data", () => {
  it("may be short: what is left out gets the same everywhere", () => {
    expect(planSpec.parse({ steps: [short] })).toEqual({
      ...aPlan({ name: "a", calibrationKey: "", stage: { name: "a", version: "" } }),
    });
  });

  it("is read back as it was stored", () => {
    const plan = aPlan({
      argv: ["x", ["--data=", { input: "data" }], [{ own: "out" }]],
      inputs: { data: { kind: "list<file>", from: { path: "/data" } } },
      output: { kind: "table", files: ["a.csv"], publish: "/p" },
      map: "data",
      memory: { declaredBytes: 1024, ceilingBytes: 2048 },
      timeouts: { softMs: 1, hardMs: 2, heartbeatMs: 3, graceMs: 4 },
    });
    const text = JSON.stringify(plan);
    expect(JSON.stringify(planSpec.parse(JSON.parse(text)))).toEqual(
      JSON.stringify(planSpec.parse(plan)),
    );
    expect(planSpec.parse(JSON.parse(text))).toEqual(plan);
  });

  it.each([
    ["no steps", { steps: [] }],
    ["another version", { version: 2, steps: [short] }],
    ["a relative directory", { steps: [{ ...short, cwd: "here" }] }],
    [
      "an output outside of its directory",
      { steps: [{ ...short, output: { kind: "t", files: ["../x"] } }] },
    ],
    ["half a list", { steps: [{ ...short, output: { kind: "list<t" } }] }],
    [
      "a digest that is none",
      { steps: [{ ...short, inputs: { a: { kind: "t", from: { artifact: "abc" } } } }] },
    ],
    [
      "a first limit above the ceiling",
      { steps: [{ ...short, memory: { firstBytes: 2, ceilingBytes: 1 } }] },
    ],
    ["a misspelt key", { steps: [{ ...short, neds: [] }] }],
    ["a NUL in a word", { steps: [{ ...short, argv: ["a\0b"] }] }],
  ])("is refused with %s", (_what, plan) => {
    expect(planSpec.safeParse(plan).success).toBe(false);
  });
});
