import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { metricFilePath } from "../../../daemon/stage-events/metric-file.ts";
import { readMetrics } from "../../../daemon/stage-events/metric-reader.ts";
import { metricHeader, metricLine } from "../../../daemon/domain/metric.ts";
import { SeriesThinner } from "../../../daemon/stage-events/metric-series.ts";
import { nonFiniteNames, type MetricValue } from "../../../daemon/domain/metric.ts";

describe("a course that is thinned out", () => {
  const value = fc.oneof(
    { weight: 9, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
    { weight: 1, arbitrary: fc.constantFrom<MetricValue>(...nonFiniteNames) },
  );

  it("keeps its order, its extremes, its last value, and no more points than asked for", () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 600 }),
        fc.integer({ min: 7, max: 60 }),
        (values, most) => {
          const thinner = new SeriesThinner("loss", most);
          for (const [at, each] of values.entries()) thinner.add({ at, value: each });
          const series = thinner.series();
          const finite = values.filter((each) => typeof each === "number");
          expect(series).toMatchObject({ count: values.length, last: values.at(-1) });
          const points = series?.points ?? [];
          expect(points.length).toBeLessThanOrEqual(most);
          expect(points.map(({ at }) => at)).toEqual(
            [...new Set(points.map(({ at }) => at))].sort((a, b) => a - b),
          );
          for (const point of points) expect(point.value).toBe(values[point.at]);
          if (finite.length === 0) expect(series).not.toHaveProperty("min");
          else {
            const [min, max] = [Math.min(...finite), Math.max(...finite)];
            expect(series?.min === min && series.max === max).toBe(true);
            const kept = points.map((point) => point.value);
            expect(kept.includes(min) && kept.includes(max)).toBe(true);
          }
          if (finite.length < values.length) {
            expect(points.some((point) => typeof point.value === "string")).toBe(true);
          }
        },
      ),
    );
  });

  it("is whole where it is short, and spread over its whole length where it is long", () => {
    const short = new SeriesThinner("loss", 200);
    const long = new SeriesThinner("loss", 200);
    for (let at = 0; at < 60; at++) short.add({ at, value: Math.sin(at) });
    for (let at = 0; at < 1_000_000; at++) long.add({ at, value: Math.sin(at) });
    expect(short.series()?.points).toHaveLength(60);
    const points = long.series()?.points ?? [];
    const gaps = points.slice(1).map(({ at }, i) => at - (points[i]?.at ?? 0));
    expect(points.length).toBeGreaterThan(60);
    expect(Math.max(...gaps)).toBeLessThan(1_000_000 / 16);
  });
});

describe("the metrics of an attempt", () => {
  const limits = { points: 50, series: 2, bytes: 1 << 20 };
  const directoryWith = (text: string): string => {
    const directory = mkdtempSync(path.join(tmpdir(), "series-"));
    onTestFinished(() => {
      rmSync(directory, { recursive: true });
    });
    if (text !== "") writeFileSync(metricFilePath(directory), text);
    return directory;
  };
  const rows = (...names: readonly string[]): string =>
    metricHeader + names.map((name, at) => metricLine({ at, name, value: at })).join("");

  it("are none where there is no file, or a link in its place", async () => {
    const nothing = { series: [], isPartial: false };
    const directory = directoryWith("");
    expect(await readMetrics(directory, limits)).toEqual(nothing);
    const other = directoryWith(rows("loss"));
    symlinkSync(metricFilePath(other), metricFilePath(directory));
    expect(await readMetrics(directory, limits)).toEqual(nothing);
  });

  it("come name by name, and what is no row of ours is passed over", async () => {
    const text = `${rows("loss", "accuracy", "loss")}forged\n,,,\n9,,loss,"x"\n7,1,loss,Infinity\n8,,lo`;
    const { series, isPartial } = await readMetrics(directoryWith(text), limits);
    expect(isPartial).toBe(false);
    expect(series).toEqual([
      {
        name: "loss",
        count: 3,
        last: "Infinity",
        min: 0,
        max: 2,
        points: [
          { at: 0, value: 0 },
          { at: 2, value: 2 },
          { at: 7, step: 1, value: "Infinity" },
        ],
      },
      { name: "accuracy", count: 1, last: 1, min: 1, max: 1, points: [{ at: 1, value: 1 }] },
    ]);
  });

  it("say when names or the beginning were left out", async () => {
    const many = await readMetrics(directoryWith(rows("a", "b", "c")), limits);
    expect(many).toMatchObject({ isPartial: true, series: [{ name: "a" }, { name: "b" }] });
    const text = rows(...Array.from({ length: 100 }, () => "loss"));
    const late = await readMetrics(directoryWith(text), { ...limits, bytes: 100 });
    expect(late.isPartial).toBe(true);
    expect(late.series[0]?.count).toBeLessThan(10);
    expect(late.series[0]?.last).toBe(99);
  });
});
