import { expect, test } from "vitest";
import type { Calibration } from "../../../daemon/domain/calibration.ts";
import { keep } from "./support/rows.ts";
import { openStore } from "./support/scratch.ts";

function calibration(key: string, more: Partial<Calibration> = {}): Calibration {
  return { key, successes: 1, kills: 2, rejected: 3, lastSeenAt: 4, ...more };
}

test("a calibration comes back as it was put, bounds and measurements apart", async () => {
  const store = openStore();
  const full = calibration("train", {
    cleanPeak: { bytes: 10, runId: "run_a", at: 1 },
    killedAt: { bytes: 20, runId: "run_b", at: 2 },
    pinned: { bytes: 30, runId: "run_c", at: 3 },
  });
  await keep(store, () => {
    store.calibrations.put(calibration("train"));
    store.calibrations.put(full);
    store.calibrations.put(calibration("bare"));
  });
  expect(store.calibrations.get("train")).toStrictEqual(full);
  expect(store.calibrations.get("bare")).toStrictEqual(calibration("bare"));
  expect(store.calibrations.all()).toStrictEqual([calibration("bare"), full]);
});

test("calibrations are listed by prefix, taken as it stands", async () => {
  const store = openStore();
  await keep(store, () => {
    for (const key of ["a", "a%", "a%b", "ab", "b", "a\u{10FFFD}"]) {
      store.calibrations.put(calibration(key));
    }
  });
  const keys = (prefix: string, limit = 9) =>
    store.calibrations.list({ prefix, limit }).map(({ key }) => key);
  expect(keys("a%")).toStrictEqual(["a%", "a%b"]);
  expect(keys("a")).toStrictEqual(["a", "a%", "a%b", "ab", "a\u{10FFFD}"]);
  expect(keys("", 2)).toStrictEqual(["a", "a%"]);
  expect(store.calibrations.list({ limit: 9 })).toHaveLength(6);
});

test("a figure of 0 is never stored, and forgetting tells whether there was anything", async () => {
  const store = openStore();
  const poison = calibration("k", { cleanPeak: { bytes: 0, runId: "run_a", at: 1 } });
  await expect(
    keep(store, () => {
      store.calibrations.put(poison);
    }),
  ).rejects.toThrow(/CHECK/);
  await keep(store, () => {
    store.calibrations.put(calibration("k"));
    expect(store.calibrations.delete("k")).toBe(true);
    expect(store.calibrations.delete("k")).toBe(false);
  });
  expect(store.calibrations.get("k")).toBeUndefined();
});
