import { describe, expect, test } from "vitest";
import type { Outcome } from "../../../daemon/domain/attempt.ts";
import type { Asker } from "../../../daemon/domain/ask-words.ts";
import { endSentence } from "../../../daemon/domain/end-words.ts";
import type { Plan } from "../../../daemon/domain/plan.ts";
import type { RunEnd } from "../../../daemon/domain/run.ts";
import { aPlan } from "../../support/plans.ts";

const command = aPlan();
const recipe: Plan = {
  ...command,
  recipe: { name: "r", file: "/r.toml", points: {}, fingerprint: "f" },
};
const step = "main";
const ended = (outcome: Outcome): RunEnd => ({ kind: "outcome", step, outcome });

describe("a remedy names what can be changed", () => {
  test.each<[RunEnd, string, string, string]>([
    [
      ended({ cause: "timed-out", which: "hard" }),
      "allow more with --timeout",
      "allow more with the step's timeout",
      "allow more with its schedule's run.timeout",
    ],
    [
      ended({ cause: "timed-out", which: "soft" }),
      "allow more with --soft-timeout",
      "allow more with the step's soft-timeout",
      "allow more with its schedule's run.soft-timeout",
    ],
    [
      ended({ cause: "out-of-memory", limitBytes: 1024 ** 3 }),
      "allow more with --oom-retries, or raise --mem",
      "allow more with the step's retry.out-of-memory, or raise the step's memory",
      "allow more with its schedule's run.oom-retries, or raise its schedule's run.memory",
    ],
    [
      { kind: "footprint-exceeds-host", step, neededBytes: 2, ceilingBytes: 1 },
      "raise --mem-max or memory.budget, or make it need less",
      "raise the step's memory.max or memory.budget, or make it need less",
      "raise its schedule's run.memory-max or memory.budget, or make it need less",
    ],
  ])("%j", (end, ofCommand, ofStep, ofSchedule) => {
    const remedy = (plan: Plan, asker: Asker = "person"): string | undefined =>
      endSentence({ state: "failed", end }, plan, asker).split("; ").at(-1);
    expect(remedy(command)).toBe(ofCommand);
    expect(remedy(command, "schedule")).toBe(ofSchedule);
    expect(remedy(recipe)).toBe(ofStep);
    expect(remedy(recipe, "schedule")).toBe(ofStep);
    expect(remedy(aPlan({ name: "a" }, { name: "b" }))).toBe(ofStep);
  });
});

test("of many steps the one that ended badly is named", () => {
  const of = (plan: Plan, end: RunEnd) => endSentence({ state: "failed", end }, plan, "person");
  const many = aPlan({ name: "main" }, { name: "other" });
  const why = "it left no file";
  expect(of(command, ended({ cause: "bad-output", why }))).toBe(`ended well, but ${why}`);
  expect(of(many, ended({ cause: "bad-output", why }))).toBe(`main ended well, but ${why}`);
  expect(of(many, ended({ cause: "cancelled" }))).toBe("cancelled");
});
