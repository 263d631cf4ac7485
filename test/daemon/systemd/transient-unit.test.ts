import { describe, expect, test } from "vitest";
import type { AttemptId } from "../../../daemon/domain/ids.ts";
import {
  attemptUnits,
  budgetSlice,
  type ScopeSpec,
} from "../../../daemon/systemd/transient-unit.ts";

const spec: ScopeSpec = {
  attemptId: "att_0123456789ab" as AttemptId,
  pid: 4711,
  description: "encode: big.wav",
  memoryMaxBytes: 2 ** 41,
  stopTimeoutMs: 1_500,
};

describe("an attempt's units", () => {
  test("are a limited scope in a slice that outlives it", () => {
    expect(attemptUnits(spec)).toEqual({
      name: "blut-att_0123456789ab.scope",
      properties: [
        ["Description", "s", "encode: big.wav"],
        ["PIDs", "au", [4711]],
        ["Slice", "s", "blut-att_0123456789ab.slice"],
        ["MemoryAccounting", "b", true],
        ["MemoryMax", "t", 2n ** 41n],
        ["MemorySwapMax", "t", 0n],
        ["OOMPolicy", "s", "kill"],
        ["CollectMode", "s", "inactive"],
        ["Before", "as", ["blutd.service"]],
        ["TimeoutStopUSec", "t", 1_500_000n],
      ],
      auxiliary: [
        {
          name: "blut-att_0123456789ab.slice",
          properties: [
            ["Description", "s", "blut: everything of att_0123456789ab"],
            ["MemoryAccounting", "b", true],
          ],
        },
      ],
    });
  });

  test("carry the optional limits only where they were given", () => {
    const limits = { memoryHighBytes: 1 << 20, tasksMax: 64, wallLimitMs: 0.5 };
    const { properties } = attemptUnits({ ...spec, ...limits });
    expect(properties.slice(-3)).toEqual([
      ["MemoryHigh", "t", 1n << 20n],
      ["TasksMax", "t", 64n],
      ["RuntimeMaxUSec", "t", 500n],
    ]);
  });

  test("security 7: a description cannot carry control characters or grow without end", () => {
    const { properties } = attemptUnits({
      ...spec,
      description: `a\n\u001b[31m\u202eb${"x".repeat(999)}`,
    });
    const [, , text] = properties[0] ?? [];
    expect(text).toMatch(/^a \[31m bx+$/);
    expect(text).toHaveLength(200);
  });

  test("the budget is a limit on the slice around them all", () => {
    expect(budgetSlice(5_000)).toEqual({
      name: "blut.slice",
      properties: [
        ["MemoryAccounting", "b", true],
        ["MemoryMax", "t", 5_000n],
      ],
    });
  });
});
