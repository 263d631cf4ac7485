import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Choice, type Candidate } from "../../daemon/retention/choice.ts";
import type { Allowance } from "../../daemon/domain/retention.ts";

interface Run extends Candidate {
  readonly name: string;
  readonly isKept: boolean;
}

const now = 1_000_000;
const limit = (most: number): fc.Arbitrary<number> =>
  fc.oneof({ arbitrary: fc.nat(most), weight: 4 }, { arbitrary: fc.constant(Infinity), weight: 1 });
const allowances: fc.Arbitrary<Allowance> = fc.record({
  ageMs: limit(1000),
  count: limit(30),
  bytes: limit(2000),
});
const runs: fc.Arbitrary<Run[]> = fc
  .array(
    fc.record({
      endedAt: fc.integer({ min: now - 1000, max: now }),
      bytes: fc.nat(200),
      name: fc.constantFrom("a", "b", "c", "d"),
      isKept: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  .map((all) => all.sort((a, b) => a.endedAt - b.endedAt));

/** The newest so many of each name, by the plainest means. */
function lastOfNames(all: readonly Run[], keepLast: number): Set<Run> {
  const newestFirst = all.toReversed();
  const isLast = (run: Run): boolean =>
    newestFirst.filter(({ name }) => name === run.name).indexOf(run) < keepLast;
  return new Set(all.filter(isLast));
}

const sum = (some: readonly Run[]): number => some.reduce((bytes, one) => bytes + one.bytes, 0);

function chosenOf(all: readonly Run[], allowance: Allowance, last: ReadonlySet<Run>) {
  const totals = { count: all.length, bytes: sum(all) };
  const choice = new Choice<Run>(allowance, totals, now, {
    kept: ({ isKept }) => (isKept ? "pinned" : undefined),
    isLast: (run) => last.has(run),
  });
  for (const run of all) if (!choice.consider(run)) break;
  const { chosen, spared } = choice.finish();
  const gone = new Set(chosen.map(({ one }) => one));
  return { chosen, spared, gone, left: all.filter((run) => !gone.has(run)) };
}

describe("what retention takes", () => {
  const cases = fc.record({ all: runs, allowance: allowances, keepLast: fc.nat(3) });

  test("never is what must stay", () => {
    fc.assert(
      fc.property(cases, ({ all, allowance, keepLast }) => {
        const { gone } = chosenOf(all, allowance, lastOfNames(all, keepLast));
        expect([...gone].filter(({ isKept }) => isKept)).toStrictEqual([]);
      }),
    );
  });

  test("leaves no more than the rule allows, but for what must stay", () => {
    fc.assert(
      fc.property(cases, ({ all, allowance, keepLast }) => {
        const last = lastOfNames(all, keepLast);
        const { left } = chosenOf(all, allowance, last);
        const kept = left.filter(({ isKept }) => isKept);
        expect(left.length).toBeLessThanOrEqual(Math.max(allowance.count, kept.length));
        // Whatever is over the size is there because it must be, or is empty and would free nothing.
        if (sum(left) > allowance.bytes) expect(sum(left)).toBe(sum(kept));
        const tooOld = left.filter((run) => run.endedAt < now - allowance.ageMs);
        expect(tooOld.filter((run) => !run.isKept && !last.has(run))).toStrictEqual([]);
      }),
    );
  });

  test("is not more than it has to be, goes in order of age, and the last of a name at the end", () => {
    fc.assert(
      fc.property(cases, ({ all, allowance, keepLast }) => {
        const last = lastOfNames(all, keepLast);
        const { chosen, spared, gone, left } = chosenOf(all, allowance, last);
        const free = left.filter(({ isKept }) => !isKept);
        for (const { one, because } of chosen) {
          // With it, one limit would be passed: it was over when it was its turn.
          const isAge = one.endedAt < now - allowance.ageMs;
          expect(because === "age").toBe(isAge && !last.has(one));
        }
        const ordinary = [...gone].filter((run) => !last.has(run));
        expect(ordinary).toStrictEqual(
          all.filter((run) => !run.isKept && !last.has(run)).slice(0, ordinary.length),
        );
        const lastGone = [...gone].filter((run) => last.has(run));
        if (lastGone.length > 0) expect(free.every((run) => last.has(run))).toBe(true);
        const forced = chosen.filter(({ because }) => because !== "age");
        const [final] = forced.slice(-1);
        if (final !== undefined) {
          const before = [...left, final.one];
          expect(before.length > allowance.count || sum(before) > allowance.bytes).toBe(true);
        }
        expect(spared.filter(({ one }) => gone.has(one))).toStrictEqual([]);
      }),
    );
  });

  test("is nothing the second time", () => {
    fc.assert(
      fc.property(cases, ({ all, allowance, keepLast }) => {
        const last = lastOfNames(all, keepLast);
        const { left } = chosenOf(all, allowance, last);
        expect(chosenOf(left, allowance, last).gone.size).toBe(0);
      }),
    );
  });
});
