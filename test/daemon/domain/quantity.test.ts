import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatDuration,
  formatBytes,
  maxDurationMs,
  maxSizeBytes,
  parseDuration,
  parseSize,
} from "../../../daemon/domain/quantity.ts";
import { ok } from "../../../daemon/domain/result.ts";

const mib = 1024 ** 2;
const gib = 1024 ** 3;
const minute = 60_000;

describe("a size", () => {
  it.each([
    ["1", 1],
    ["1048576", mib],
    ["64K", 65_536],
    ["512M", 512 * mib],
    ["512MB", 512 * mib],
    ["512MiB", 512 * mib],
    ["1.5G", 1.5 * gib],
    ["8GiB", 8 * gib],
    ["0.5T", 512 * gib],
    ["1024T", maxSizeBytes],
    ["100B", 100],
  ])("%s is %d bytes", (text, bytes) => {
    expect(parseSize(text)).toEqual(ok(bytes));
  });

  it.each(
    [
      ["0", "-1", "-1G", "+1G", "NaN", "Infinity", "1e308", "1e3", "0x10", ""],
      ["10GB ", " 10G", "10 G", "10Gi", "10g", "10P", "G", "1..5G", ".5G", "5.G", "1,5G"],
      ["9007199254740993", "1025T", "1".repeat(400), "1.0000001G", "１G", "1G\n", "1G\0", "0.1"],
    ].flat(),
  )("is not %j", (text) => {
    const refused = parseSize(text);
    expect(refused).toMatchObject({ ok: false });
    if (!refused.ok) expect(refused.error).toMatch(/^expected a size such as .{1,120}$/);
  });

  it("is written with three digits, a blank and its unit, near to what it is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1023 * 1024 * gib }), (bytes) => {
        const written = formatBytes(bytes);
        expect(written).toMatch(/^(?:\d{1,4}|\d\.\d{1,2}|\d\d\.\d) (?:[KMGT]i)?B$/);
        const back = parseSize(written.replace(" ", ""));
        expect(back.ok).toBe(true);
        if (back.ok) expect(Math.abs(back.value - bytes)).toBeLessThanOrEqual(bytes * 0.0051);
      }),
    );
  });

  it.each([
    [1, "1 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [64 * mib, "64 MiB"],
    [1.5 * gib, "1.5 GiB"],
    [gib - 1, "1 GiB"],
    [1023 * mib, "1023 MiB"],
    [512 * 1024 * gib, "512 TiB"],
  ])("of %d bytes is written as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe("a duration", () => {
  it.each([
    ["1ms", 1],
    ["90s", 90_000],
    ["10m", 10 * minute],
    ["1h30m", 90 * minute],
    ["1.5h", 90 * minute],
    ["2d", 2880 * minute],
    ["30m1h", 90 * minute],
    ["3650d", maxDurationMs],
  ])("%s is %d ms", (text, ms) => {
    expect(parseDuration(text)).toEqual(ok(ms));
  });

  it.each(
    [
      ["0", "0s", "0.0001s", "-1s", "90", "", "s", "1 h", " 1h", "1h ", "1H", "1w", "1y"],
      ["1e3s", "NaNs", "3651d", "9999999999s", "1h30", "1.2345s", "1h-30m", "1s\0", "∞s"],
    ].flat(),
  )("is not %j", (text) => {
    const refused = parseDuration(text);
    expect(refused).toMatchObject({ ok: false });
    if (!refused.ok) expect(refused.error).toMatch(/^expected a duration such as .{1,120}$/);
  });

  it("is written so that reading it back loses at most what the third unit holds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: maxDurationMs }), (ms) => {
        const back = parseDuration(formatDuration(ms));
        expect(back.ok).toBe(true);
        if (back.ok) expect(Math.abs(back.value - ms)).toBeLessThanOrEqual(Math.max(500, ms / 24));
      }),
    );
  });

  it.each([
    [250, "250ms"],
    [1000, "1s"],
    [90_000, "1m30s"],
    [90 * minute, "1h30m"],
    [2880 * minute + 5000, "2d5s"],
  ])("of %d ms is written as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
