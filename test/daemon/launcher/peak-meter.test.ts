import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PeakMeter } from "../../../daemon/launcher/peak-meter.ts";

const limit = 1000;
const quiet = { max: 0, oom: 0 };

describe("the need of an attempt", () => {
  test("is the highest sample when the mark says no more", () => {
    const meter = new PeakMeter(limit);
    meter.sample({ peakBytes: 400, needBytes: 300, fileBytes: 100 });
    meter.sample({ peakBytes: 400, needBytes: 200, fileBytes: 100 });
    expect(meter.finish({ peakBytes: 400, fileBytes: 100, ...quiet })).toEqual({
      totalBytes: 400,
      needBytes: 300,
      rodeLimit: false,
    });
  });

  test("is a spike that came and went between two samples", () => {
    const meter = new PeakMeter(limit);
    meter.sample({ peakBytes: 100, needBytes: 90, fileBytes: 10 });
    meter.sample({ peakBytes: 700, needBytes: 90, fileBytes: 10 });
    expect(meter.finish({ peakBytes: 700, fileBytes: 10, ...quiet }).needBytes).toBe(690);
  });

  test("is a spike after the last sample", () => {
    const meter = new PeakMeter(limit);
    meter.sample({ peakBytes: 100, needBytes: 90, fileBytes: 10 });
    expect(meter.finish({ peakBytes: 700, fileBytes: 30, ...quiet }).needBytes).toBe(670);
  });

  test("is not the page cache of a large file, read to the limit", () => {
    const meter = new PeakMeter(limit);
    meter.sample({ peakBytes: 1000, needBytes: 20, fileBytes: 980 });
    const end = meter.finish({ peakBytes: 1000, fileBytes: 985, max: 500, oom: 0 });
    expect(end).toEqual({ totalBytes: 1000, needBytes: 20, rodeLimit: false });
  });

  test("is not the page cache even when no sample saw it", () => {
    const meter = new PeakMeter(limit);
    const end = meter.finish({ peakBytes: 1000, fileBytes: 980, max: 500, oom: 0 });
    expect(end).toEqual({ totalBytes: 1000, needBytes: 20, rodeLimit: false });
  });

  test("of nobody's measuring is absent, not 0", () => {
    expect(new PeakMeter(limit).finish({ fileBytes: 0, ...quiet })).toEqual({ rodeLimit: false });
  });

  test("rode its limit near it, after an OOM, and when pressed without a cache to give", () => {
    const rode = (end: Parameters<PeakMeter["finish"]>[0]) =>
      new PeakMeter(limit).finish(end).rodeLimit;
    expect(rode({ peakBytes: 950, fileBytes: 0, ...quiet })).toBe(true);
    expect(rode({ peakBytes: 940, fileBytes: 0, ...quiet })).toBe(false);
    expect(rode({ peakBytes: 500, fileBytes: 0, max: 0, oom: 1 })).toBe(true);
    expect(rode({ peakBytes: 940, fileBytes: 10, max: 1, oom: 0 })).toBe(true);
  });

  test("is at least every sample it can be, never above the kernel's mark nor the limit", () => {
    const bytes = fc.nat(2000);
    const sample = fc.record({ peakBytes: bytes, needBytes: bytes, fileBytes: bytes });
    const property = fc.property(
      fc.array(sample),
      bytes,
      bytes,
      (samples, peakBytes, fileBytes) => {
        const meter = new PeakMeter(limit);
        for (const each of samples) meter.sample(each);
        const { needBytes = 0, totalBytes = 0 } = meter.finish({ peakBytes, fileBytes, ...quiet });
        const seen = Math.max(0, ...samples.map((each) => each.needBytes));
        expect(needBytes).toBeLessThanOrEqual(totalBytes);
        expect(totalBytes).toBeLessThanOrEqual(limit);
        expect(needBytes).toBeGreaterThanOrEqual(Math.min(seen, peakBytes, limit));
      },
    );
    fc.assert(property);
  });
});
