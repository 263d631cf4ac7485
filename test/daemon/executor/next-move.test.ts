import { describe, expect, it } from "vitest";
import type { Outcome } from "../../../daemon/domain/attempt.ts";
import type { DivergedPolicy } from "../../../daemon/domain/plan.ts";
import { nextMove, type Tries } from "../../../daemon/executor/next-move.ts";

const budget = { outOfMemory: 2, failure: 1, lost: 3, timeout: 1, diverged: 1 };
const backoff = { firstMs: 1000, factor: 2, longestMs: 3000 };
const none: Tries = { oomKills: 0, failures: 0, losses: 0, timeouts: 0, divergences: 0 };

function move(
  outcome: Outcome,
  tries: Partial<Tries>,
  onDiverged: DivergedPolicy = "ignore",
): ReturnType<typeof nextMove> {
  return nextMove(outcome, { ...none, ...tries }, { retry: budget, onDiverged }, backoff);
}

const oom: Outcome = { cause: "out-of-memory", limitBytes: 1 };
const failed: Outcome = { cause: "failed", exitCode: 1 };
const stranger: Outcome = { cause: "killed-from-outside", by: "stranger" };

describe("nextMove", () => {
  it.each([
    [
      "an own-limit kill goes on at once, with more",
      oom,
      { oomKills: 2 },
      { kind: "requeue", delayMs: 0 },
    ],
    ["its budget ends", oom, { oomKills: 3 }, { kind: "fail" }],
    ["a failure waits first", failed, { failures: 1 }, { kind: "requeue", delayMs: 1000 }],
    ["its budget is its own", failed, { failures: 2, oomKills: 0, losses: 0 }, { kind: "fail" }],
    ["a loss waits longer each time", stranger, { losses: 2 }, { kind: "requeue", delayMs: 2000 }],
    [
      "but never longer than the longest",
      stranger,
      { losses: 3 },
      { kind: "requeue", delayMs: 3000 },
    ],
    ["a success ends the step", { cause: "succeeded" } as const, {}, { kind: "succeed" }],
    ["a cancel is never tried again", { cause: "cancelled" } as const, {}, { kind: "cancel" }],
    [
      "a timeout has a budget of its own",
      { cause: "timed-out", which: "hard" } as const,
      { timeouts: 1 },
      { kind: "requeue", delayMs: 1000 },
    ],
    [
      "a stall spends the same one",
      { cause: "stalled", silentMs: 1 } as const,
      { timeouts: 2 },
      { kind: "fail" },
    ],
    [
      "bad output would be as bad again",
      { cause: "bad-output", why: "x" } as const,
      {},
      { kind: "fail" },
    ],
    [
      "what cannot start cannot start again",
      { cause: "could-not-start", why: "x" } as const,
      {},
      { kind: "fail" },
    ],
  ])("%s", (_name, outcome, tries, expected) => {
    expect(move(outcome, tries)).toEqual(expected);
  });

  it.each([
    ["prune ends the branch at once", "prune", 1, { kind: "prune" }],
    ["retry tries again", "retry", 1, { kind: "requeue", delayMs: 1000 }],
    ["and prunes when its budget is spent", "retry", 2, { kind: "prune" }],
  ] as const)("a divergence: %s", (_name, policy, divergences, expected) => {
    expect(
      move({ cause: "diverged", metric: "loss", value: "NaN" }, { divergences }, policy),
    ).toEqual(expected);
  });

  it("budgets are separate: kills by the box never spend the failure budget", () => {
    expect(move(failed, { failures: 1, losses: 99, oomKills: 99 }).kind).toBe("requeue");
  });
});
