import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  learnKill,
  learnPeak,
  merge,
  pin,
  plausible,
  withoutPoison,
} from "../../daemon/broker/calibration.ts";
import { footprintOf, type FootprintQuestion } from "../../daemon/broker/estimate.ts";
import { limitSentence } from "../../daemon/broker/sentences.ts";
import type { Calibration, Evidence } from "../../daemon/domain/calibration.ts";
import type { MemoryAsk } from "../../daemon/domain/footprint.ts";
import { gib, mib } from "../support/box.ts";

const budgetBytes = 8 * gib;
const policy = {
  defaultBytes: 512 * mib,
  escalationFactor: 2,
  marginRatio: 0.1,
  marginBytes: 16 * mib,
};

const size = fc.oneof(
  fc.integer({ min: 1, max: 12 * gib }),
  // Few enough that equal figures meet.
  fc.integer({ min: 1, max: 10 }).map((n) => n * gib),
);
const poison = fc.oneof(
  fc.constantFrom(0, -1, NaN, Infinity, -Infinity, 2 ** 53, 2 ** 63, 1024 ** 5 + 1),
  fc.double(),
);
/** Few enough figures that ties are common. */
const tying = fc.constantFrom(gib, 2 * gib, NaN);
const evidenceOf = (bytes: fc.Arbitrary<number>): fc.Arbitrary<Evidence> =>
  fc.record({
    bytes,
    runId: fc.constantFrom("run_a", "run_b", "run_c", ""),
    at: fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 5 }) }, { weight: 1, arbitrary: poison }),
  });
const rowOf = (bytes: fc.Arbitrary<number>): fc.Arbitrary<Calibration> =>
  fc
    .record(
      {
        cleanPeak: evidenceOf(bytes),
        killedAt: evidenceOf(bytes),
        pinned: evidenceOf(bytes),
        successes: fc.nat({ max: 9 }),
        kills: fc.nat({ max: 9 }),
        rejected: fc.nat({ max: 9 }),
        lastSeenAt: fc.nat({ max: 9 }),
      },
      { requiredKeys: ["successes", "kills", "rejected", "lastSeenAt"] },
    )
    .map((row) => ({ key: "key", ...row }));
const anyRow = rowOf(fc.oneof({ weight: 3, arbitrary: size }, { weight: 1, arbitrary: poison }));
const mergedRow = fc.oneof(anyRow, rowOf(tying));
const goodRow = rowOf(size).map(withoutPoison);
const anyAsk: fc.Arbitrary<MemoryAsk> = fc
  .record({ firstBytes: size, ceilingBytes: size }, { requiredKeys: [] })
  .filter((ask) => (ask.firstBytes ?? 0) <= (ask.ceilingBytes ?? Infinity));

/** The limit in bytes; a refusal is above every limit. */
function limitOf(history: Calibration | undefined, more: Partial<FootprintQuestion> = {}): number {
  const answer = footprintOf({ history, ask: {}, policy, budgetBytes, ...more });
  return answer.ok ? answer.value.limitBytes : Infinity;
}

describe("merging what two stores know", () => {
  it("is commutative", () => {
    fc.assert(
      fc.property(mergedRow, mergedRow, (a, b) => {
        expect(merge(a, b)).toEqual(merge(b, a));
      }),
    );
  });

  it("is associative", () => {
    fc.assert(
      fc.property(mergedRow, mergedRow, mergedRow, (a, b, c) => {
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
      }),
    );
  });

  it("is idempotent: an import done twice changes nothing", () => {
    fc.assert(
      fc.property(mergedRow, mergedRow, (a, b) => {
        const once = merge(a, b);
        expect(merge(once, b)).toEqual(once);
        expect(merge(a, a)).toEqual(withoutPoison(a));
        expect(withoutPoison(once)).toEqual(once);
      }),
    );
  });
});

describe("fault 36: whatever the store holds", () => {
  it("a limit is whole, above zero and never above the ceiling, and has its sentence", () => {
    fc.assert(
      fc.property(anyRow, anyAsk, fc.option(fc.oneof(size, poison)), (history, ask, own) => {
        const killedAtBytes = own ?? undefined;
        const answer = footprintOf({ history, ask, killedAtBytes, policy, budgetBytes });
        const ceiling = Math.min(budgetBytes, ask.ceilingBytes ?? Infinity);
        if (answer.ok) {
          const { limitBytes, origin } = answer.value;
          expect(plausible(limitBytes)).toBe(true);
          expect(limitBytes).toBeLessThanOrEqual(ceiling);
          expect(limitSentence(origin, limitBytes)).not.toMatch(/NaN|undefined|Infinity|-\d/);
        } else {
          expect(answer.error.ceilingBytes).toBe(ceiling);
          expect(answer.error.neededBytes).toBeGreaterThan(ceiling);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("poison counts as nothing known: what was asked, else the default", () => {
    fc.assert(
      fc.property(rowOf(poison.filter((b) => !plausible(b))), anyAsk, (history, ask) => {
        const blank = footprintOf({ ask, policy, budgetBytes });
        expect(footprintOf({ history, ask, policy, budgetBytes })).toEqual(blank);
      }),
    );
  });
});

describe("what is learnt never makes a limit smaller", () => {
  /** The default is a guess from nothing, and the first thing learnt takes its place. */
  const isKnown = ({ cleanPeak, killedAt, pinned }: Calibration): boolean =>
    (cleanPeak ?? killedAt ?? pinned) !== undefined;
  const seen = { key: "key", runId: "run_z", at: 9 };

  it("than the largest clean peak, or than what it was last killed at", () => {
    fc.assert(
      fc.property(goodRow, fc.option(size), (history, own) => {
        fc.pre(history.pinned === undefined);
        const limit = limitOf(history, { killedAtBytes: own ?? undefined });
        expect(limit).toBeGreaterThanOrEqual(history.cleanPeak?.bytes ?? 0);
        expect(limit).toBeGreaterThan(own ?? 0);
        const { cleanPeak, killedAt } = history;
        if (killedAt !== undefined && killedAt.bytes >= (cleanPeak?.bytes ?? 0)) {
          const doubled = Math.min(2 * killedAt.bytes, budgetBytes);
          expect(limit).toBeGreaterThanOrEqual(doubled);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("by a kill, of any run and of this very step", () => {
    fc.assert(
      fc.property(goodRow, anyAsk, size, size, (history, ask, first, second) => {
        fc.pre(isKnown(history));
        const after = learnKill(history, { ...seen, limitBytes: first });
        expect(limitOf(after, { ask })).toBeGreaterThanOrEqual(limitOf(history, { ask }));
        const [less, more] = first < second ? [first, second] : [second, first];
        fc.pre(history.pinned === undefined);
        expect(limitOf(history, { ask, killedAtBytes: more })).toBeGreaterThanOrEqual(
          limitOf(history, { ask, killedAtBytes: less }),
        );
      }),
      { numRuns: 500 },
    );
  });

  it("by a peak, except that a measurement above an old kill takes the place of the guess made from it", () => {
    fc.assert(
      fc.property(goodRow, anyAsk, size, (history, ask, needBytes) => {
        fc.pre(isKnown(history) && (history.killedAt?.bytes ?? Infinity) >= needBytes);
        const after = learnPeak(history, { ...seen, needBytes });
        expect(limitOf(after, { ask })).toBeGreaterThanOrEqual(limitOf(history, { ask }));
      }),
      { numRuns: 500 },
    );
  });

  it("the order in which peaks and kills come does not matter", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), size), { maxLength: 12 }), (facts) => {
        const learn = (known: Calibration | undefined, [isPeak, bytes]: [boolean, number]) =>
          isPeak
            ? learnPeak(known, { ...seen, needBytes: bytes })
            : learnKill(known, { ...seen, limitBytes: bytes });
        const forth = facts.reduce<Calibration | undefined>(learn, undefined);
        const back = facts.toReversed().reduce<Calibration | undefined>(learn, undefined);
        expect(forth).toEqual(back);
      }),
    );
  });
});

describe("escalation", () => {
  it("ends for every need: with enough, or with both numbers, in a bounded number of tries", () => {
    fc.assert(
      fc.property(size, anyAsk, fc.boolean(), (needBytes, ask, isPinned) => {
        let history = isPinned
          ? pin(undefined, { key: "key", at: 0, bytes: needBytes })
          : undefined;
        let killedAtBytes = 0;
        for (let tries = 0; tries < 40; tries++) {
          const answer = footprintOf({ history, ask, killedAtBytes, policy, budgetBytes });
          if (!answer.ok) {
            expect(Math.max(needBytes, ask.firstBytes ?? 0)).toBeGreaterThanOrEqual(
              answer.error.ceilingBytes,
            );
            return;
          }
          const { limitBytes } = answer.value;
          if (limitBytes > needBytes) return;
          expect(limitBytes).toBeGreaterThan(killedAtBytes);
          killedAtBytes = limitBytes;
          history = learnKill(history, { key: "key", runId: "run_a", at: tries, limitBytes });
        }
        expect.unreachable("it never ended");
      }),
      { numRuns: 500 },
    );
  });
});
