import fc from "fast-check";
import { expect, it } from "vitest";
import type { Plan } from "../../daemon/domain/plan.ts";
import { planProblems } from "../../daemon/planning/check-plan.ts";
import { aPlan } from "../support/plans.ts";

type Edges = readonly (readonly [from: number, to: number])[];

function planOf(count: number, edges: Edges): Plan {
  const steps = Array.from({ length: count }, (_, i) => ({
    name: `s${i}`,
    needs: edges.filter(([from]) => from === i).map(([, to]) => `s${to}`),
  }));
  return aPlan(steps[0], ...steps.slice(1));
}

const graph = fc
  .integer({ min: 1, max: 12 })
  .chain((count) =>
    fc.tuple(
      fc.constant(count),
      fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 30 }),
    ),
  );

it("a plan whose steps need only earlier ones has no problem", () => {
  fc.assert(
    fc.property(graph, ([count, edges]) => {
      const down = edges.flatMap(([a, b]) => (a === b ? [] : [[Math.max(a, b), Math.min(a, b)]]));
      expect(planProblems(planOf(count, down as [number, number][]))).toEqual([]);
    }),
  );
});

it("a cycle is told exactly when there is one, and every word of it is true", () => {
  fc.assert(
    fc.property(graph, ([count, edges]) => {
      const plan = planOf(
        count,
        edges.filter(([a, b]) => a !== b),
      );
      const problems = planProblems(plan);
      expect(problems.length === 0).toBe(isSortable(plan));
      for (const { message } of problems) {
        const names = message.replace("a cycle: ", "").split(" needs ");
        expect(names.length).toBeGreaterThan(2);
        expect(names.at(-1)).toBe(names[0]);
        for (const [i, name] of names.slice(0, -1).entries()) {
          const step = plan.steps.find((each) => each.name === name);
          // A cycle of more than ten is told in part.
          if (names.some((each) => each.endsWith(" more"))) break;
          expect(step?.needs).toContain(names[i + 1]);
        }
      }
    }),
  );
});

/** The plain way to find out: take away what needs nothing that is left, as long as there is any. */
function isSortable({ steps }: Plan): boolean {
  let left = [...steps];
  for (;;) {
    const names = new Set(left.map(({ name }) => name));
    const next = left.filter(({ needs }) => needs.some((need) => names.has(need)));
    if (next.length === 0) return true;
    if (next.length === left.length) return false;
    left = next;
  }
}
