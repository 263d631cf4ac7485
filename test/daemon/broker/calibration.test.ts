import { describe, expect, it } from "vitest";
import {
  learnKill,
  learnPeak,
  merge,
  pin,
  plausible,
  withoutPoison,
} from "../../../daemon/broker/calibration.ts";

const seen = (number: number) => ({ key: "key", runId: `run_${number}`, at: number });

describe("a calibration", () => {
  it("keeps the largest clean peak with the run it was seen in", () => {
    const once = learnPeak(undefined, { ...seen(1), needBytes: 300 });
    const twice = learnPeak(once, { ...seen(2), needBytes: 200 });
    expect(twice).toEqual({
      key: "key",
      cleanPeak: { bytes: 300, runId: "run_1", at: 1 },
      successes: 2,
      kills: 0,
      rejected: 0,
      lastSeenAt: 2,
    });
  });

  it("keeps a kill as a bound of its own, never as a measurement", () => {
    const known = learnKill(learnPeak(undefined, { ...seen(1), needBytes: 300 }), {
      ...seen(2),
      limitBytes: 400,
    });
    expect(known.cleanPeak?.bytes).toBe(300);
    expect(known.killedAt).toEqual({ bytes: 400, runId: "run_2", at: 2 });
    const after = learnPeak(known, { ...seen(3), needBytes: 350 });
    expect([after.cleanPeak?.bytes, after.killedAt?.bytes]).toEqual([350, 400]);
    expect([after.successes, after.kills]).toEqual([2, 1]);
  });

  it("loses a pin to a kill at or above it, and to nothing else", () => {
    const pinned = pin(undefined, { key: "key", at: 1, bytes: 500 });
    expect(learnPeak(pinned, { ...seen(2), needBytes: 600 }).pinned?.bytes).toBe(500);
    expect(learnKill(pinned, { ...seen(2), limitBytes: 499 }).pinned?.bytes).toBe(500);
    expect(learnKill(pinned, { ...seen(2), limitBytes: 500 })).not.toHaveProperty("pinned");
  });

  it("joins two stores: larger measurements, the newer pin, counts that do not add up twice", () => {
    const here = pin(learnPeak(undefined, { ...seen(1), needBytes: 300 }), {
      key: "key",
      at: 5,
      bytes: 900,
    });
    const there = pin(learnKill(undefined, { ...seen(2), limitBytes: 200 }), {
      key: "key",
      at: 6,
      bytes: 800,
    });
    const joined = merge(here, there);
    expect(joined).toEqual({
      key: "key",
      cleanPeak: { bytes: 300, runId: "run_1", at: 1 },
      killedAt: { bytes: 200, runId: "run_2", at: 2 },
      pinned: { bytes: 800, runId: "", at: 6 },
      successes: 1,
      kills: 1,
      rejected: 0,
      lastSeenAt: 6,
    });
    expect(merge(joined, there)).toEqual(joined);
  });

  it("is never joined with another key's", () => {
    const of = (key: string) => learnPeak(undefined, { ...seen(1), key, needBytes: 1 });
    expect(() => merge(of("a"), of("b"))).toThrow("merging a with b");
  });
});

describe("fault 36: poison", () => {
  const poison = [0, -1, NaN, Infinity, -Infinity, 1.5, 2 ** 53, 2 ** 63, 1024 ** 5 + 1];

  it.each(poison)("%d is no memory of anything", (bytes) => {
    expect(plausible(bytes)).toBe(false);
  });

  it.each(poison)("%d is refused and counted, and what was known stays", (bytes) => {
    const known = learnPeak(undefined, { ...seen(1), needBytes: 300 });
    const refused = { ...known, rejected: 1 };
    expect(learnPeak(known, { ...seen(2), needBytes: bytes })).toEqual(refused);
    expect(learnKill(known, { ...seen(2), limitBytes: bytes })).toEqual(refused);
    expect(pin(known, { key: "key", at: 2, bytes })).toEqual(refused);
  });

  it("is taken out of a stored row, each figure counted", () => {
    const evidence = (bytes: number, at: number) => ({ bytes, runId: "run_x", at });
    const row = {
      key: "key",
      cleanPeak: evidence(2 ** 63, 1),
      killedAt: evidence(300, NaN),
      pinned: evidence(300, 1),
      successes: NaN,
      kills: -1,
      rejected: 2,
      lastSeenAt: 1.5,
    };
    expect(withoutPoison(row)).toEqual({
      key: "key",
      pinned: evidence(300, 1),
      successes: 0,
      kills: 0,
      rejected: 4,
      lastSeenAt: 0,
    });
  });
});
