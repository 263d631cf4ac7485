import fc from "fast-check";
import { expect, it } from "vitest";
import type { Clock } from "../../../daemon/base/clock.ts";
import { IdSource } from "../../../daemon/base/id-source.ts";

/** A clock that shows the given times, one after the other, then the last for good. */
function clockOf(times: readonly number[]): Clock {
  let next = 0;
  return {
    now: () => times[Math.min(next++, times.length - 1)] ?? 0,
    monotonic: () => 0,
    after: () => () => undefined,
  };
}

const instant = fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(2050, 0, 1) });
const bodyOf = (id: string): string => id.slice(4);

it("fault 31: ids still sort by creation, and none comes twice, however the clock jumps", () => {
  fc.assert(
    fc.property(fc.array(instant, { minLength: 2, maxLength: 200 }), (times) => {
      const source = new IdSource(clockOf(times));
      const bodies = times.map((_, i) => bodyOf(i % 2 === 0 ? source.runId() : source.attemptId()));
      expect(bodies).toEqual([...new Set(bodies)].sort());
    }),
  );
});

it("fault 31: a restart with the clock set back goes on after the newest id", () => {
  fc.assert(
    fc.property(instant, instant, (before, after) => {
      const newest = bodyOf(new IdSource(clockOf([before])).runId());
      const next = bodyOf(new IdSource(clockOf([after]), newest).runId());
      expect(next > newest).toBe(true);
    }),
  );
});

it("many ids of one millisecond differ", () => {
  const source = new IdSource(clockOf([Date.UTC(2026, 10, 21)]));
  const ids = Array.from({ length: 100_000 }, () => source.runId());
  expect(new Set(ids).size).toBe(ids.length);
});

it("two stores seldom make the same id in the same millisecond", () => {
  const clock = clockOf([Date.UTC(2026, 10, 21)]);
  const ids = Array.from({ length: 20 }, () => new IdSource(clock).runId());
  expect(new Set(ids).size).toBeGreaterThan(17);
});
