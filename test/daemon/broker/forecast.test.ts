import { describe, expect, it } from "vitest";
import { forecast, type Box, type PlannedStep } from "../../../daemon/broker/forecast.ts";
import { claims, gib } from "../../support/box.ts";

const box: Box = { budgetBytes: 4 * gib, cpusTotal: 4, gpus: [], pools: { db: 1 } };

function step(name: string, more: Partial<PlannedStep> = {}): PlannedStep {
  return { name, needs: [], weight: 1, limitBytes: gib, claims: claims({ cpus: 0 }), ...more };
}

const fan = (count: number, more: Partial<PlannedStep> = {}): PlannedStep[] =>
  Array.from({ length: count }, (_, i) => step(`s${i}`, more));

describe("a plan is packed", () => {
  it.each<[string, PlannedStep[], Partial<Awaited<ReturnType<typeof forecast>>>]>([
    ["into the budget", fan(10), { peakBytes: 4 * gib, atOnce: 4 }],
    [
      "one by one along a chain",
      [step("a"), step("b", { needs: ["a"] })],
      { peakBytes: gib, atOnce: 1 },
    ],
    ["by its CPUs", fan(10, { claims: claims({ cpus: 2 }) }), { peakBytes: 2 * gib, atOnce: 2 }],
    ["by its pools", fan(3, { claims: claims({ pools: { db: 1 } }) }), { atOnce: 1 }],
    ["by its locks", fan(3, { claims: claims({ locks: ["x"] }) }), { atOnce: 1 }],
    [
      "past a large step by small ones",
      [step("large", { limitBytes: 4 * gib }), ...fan(2)],
      { peakBytes: 4 * gib, atOnce: 2 },
    ],
    ["to nothing when nothing is to be done", [], { peakBytes: 0, atOnce: 0, never: [] }],
  ])("%s", (_what, steps, expected) => {
    expect(forecast(steps, box)).toMatchObject(expected);
  });

  it("the longest way first", () => {
    const both = [
      step("leaf", { limitBytes: 3 * gib }),
      step("long", { limitBytes: 2 * gib, weight: 9 }),
    ];
    // Together they have no room: the first turn is that of the longer way.
    expect(
      forecast([...both, step("end", { needs: ["long"], limitBytes: gib })], box).peakBytes,
    ).toBe(4 * gib);
  });

  it("without what can never start, which is told with its reason", () => {
    const { never, peakBytes, atOnce } = forecast(
      [
        step("huge", { limitBytes: 5 * gib }),
        step("cores", { claims: claims({ cpus: 64 }) }),
        step("after", { needs: ["huge"] }),
      ],
      box,
    );
    expect(never.map(({ step: name, wait }) => [name, wait.reason])).toEqual([
      ["huge", "memory-budget"],
      ["cores", "cpus"],
    ]);
    expect([peakBytes, atOnce]).toEqual([gib, 1]);
  });
});
