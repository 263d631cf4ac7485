import fc from "fast-check";
import { expect, it } from "vitest";
import { backoffMs } from "../../../daemon/base/backoff.ts";

const policy = { firstMs: 1000, factor: 2, longestMs: 600_000 };

it("doubles from the first wait on, up to the longest", () => {
  const waits = [1, 2, 3, 4, 10, 11, 12, 5000].map((tries) => backoffMs(policy, tries));
  expect(waits).toEqual([1000, 2000, 4000, 8000, 512_000, 600_000, 600_000, 600_000]);
});

it("never gets shorter, and never leaves its bounds, however often something was tried", () => {
  const factor = fc.double({ min: 1, max: 10, noNaN: true });
  fc.assert(
    fc.property(factor, fc.integer({ min: 1, max: 100_000 }), (by, tries) => {
      const wait = backoffMs({ ...policy, factor: by }, tries);
      expect(wait).toBeGreaterThanOrEqual(policy.firstMs);
      expect(wait).toBeLessThanOrEqual(policy.longestMs);
      expect(backoffMs({ ...policy, factor: by }, tries + 1)).toBeGreaterThanOrEqual(wait);
    }),
  );
});
