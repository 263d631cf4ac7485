import fc from "fast-check";
import { expect, test } from "vitest";
import {
  emptyCurve,
  isWorthKeeping,
  joined,
  mostSlots,
  withReading,
  type MemoryCurve,
} from "../../../daemon/domain/memory-curve.ts";

type Reading = readonly [atMs: number, needBytes: number];

const reading = fc.tuple(
  fc.oneof(fc.integer({ min: 0, max: 300_000 }), fc.integer({ min: 0, max: 2 ** 45 })),
  fc.integer({ min: 0, max: 2 ** 50 }),
);
const readings = fc.array(reading, { maxLength: 300 });

function curveOf(seen: readonly Reading[]): MemoryCurve {
  return seen.reduce((curve, [at, need]) => withReading(curve, at, need), emptyCurve);
}

test("a curve never has too many slots, and at least half as many once it is that old", () => {
  fc.assert(
    fc.property(readings, (seen) => {
      const { stepMs, needBytes } = curveOf(seen);
      const lastMs = Math.max(0, ...seen.map(([at]) => at));
      expect(needBytes.length).toBeLessThanOrEqual(mostSlots);
      if (lastMs >= mostSlots * 1000) expect(needBytes.length).toBeGreaterThan(mostSlots / 2 - 1);
      expect(needBytes.length).toBe(seen.length === 0 ? 0 : Math.floor(lastMs / stepMs) + 1);
    }),
  );
});

test("every slot holds the highest reading of its time, and nothing else", () => {
  fc.assert(
    fc.property(readings, (seen) => {
      const { stepMs, needBytes } = curveOf(seen);
      needBytes.forEach((need, slot) => {
        const inIt = seen.filter(([at]) => Math.floor(at / stepMs) === slot).map(([, n]) => n);
        expect(need).toBe(inIt.length === 0 ? null : Math.max(...inIt));
      });
    }),
  );
});

test("what two daemons saw, joined in any order and any number of times, is what one would have seen", () => {
  fc.assert(
    fc.property(readings, readings, (one, other) => {
      const all = curveOf([...one, ...other]);
      const [a, b] = [curveOf(one), curveOf(other)];
      expect(joined(a, b)).toStrictEqual(all);
      expect(joined(b, a)).toStrictEqual(all);
      expect(joined(joined(a, b), a)).toStrictEqual(all);
    }),
  );
});

test("a reading that shows nothing new makes no new curve", () => {
  const curve = curveOf([
    [0, 10],
    [5000, 20],
  ]);
  expect(withReading(curve, 5400, 20)).toBe(curve);
  expect(withReading(curve, 5400, 21)).not.toBe(curve);
});

test("two readings say no more than a peak", () => {
  expect(
    isWorthKeeping(
      curveOf([
        [0, 1],
        [1000, 2],
      ]),
    ),
  ).toBe(false);
  expect(
    isWorthKeeping(
      curveOf([
        [0, 1],
        [1000, 2],
        [2000, 1],
      ]),
    ),
  ).toBe(true);
});
