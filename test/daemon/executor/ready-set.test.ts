import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Plan, Step } from "../../../daemon/domain/plan.ts";
import type { StepState } from "../../../daemon/domain/run.ts";
import { aStep } from "../../support/plans.ts";
import { readySteps, standing } from "../../../daemon/executor/ready-set.ts";

function step(name: string, needs: string[]): Step {
  return aStep({ name, needs });
}

/** A random DAG: each step needs only earlier ones. */
const plans = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 })
  .map((wanted): Plan => {
    const [first, ...rest] = wanted.map((needs, i) =>
      step(`s${String(i)}`, i === 0 ? [] : [...new Set(needs.map((n) => `s${String(n % i)}`))]),
    );
    if (first === undefined) throw new Error("a plan has a step");
    return { version: 1, steps: [first, ...rest] };
  });

describe("readySteps", () => {
  it("walks every plan to its end, and no step before what it needs", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const states = new Map<string, StepState>(plan.steps.map((s) => [s.name, "waiting"]));
        const order: string[] = [];
        for (
          let ready = readySteps(plan, states);
          ready.length > 0;
          ready = readySteps(plan, states)
        ) {
          for (const name of ready) states.set(name, "succeeded");
          order.push(...ready);
        }
        expect(standing(states)).toBe("succeeded");
        for (const { name, needs } of plan.steps) {
          for (const need of needs) expect(order.indexOf(need)).toBeLessThan(order.indexOf(name));
        }
      }),
    );
  });

  it("a run whose waiting steps can never start is stuck", () => {
    expect(
      standing(
        new Map([
          ["a", "failed"],
          ["b", "waiting"],
        ]),
      ),
    ).toBe("stuck");
    expect(
      standing(
        new Map([
          ["a", "succeeded"],
          ["b", "running"],
        ]),
      ),
    ).toBe("going");
  });
});
