import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MetricFile, metricFilePath } from "../../../daemon/stage-events/metric-file.ts";
import { metricLine, parseMetricLine, type MetricRow } from "../../../daemon/domain/metric.ts";
import { nonFiniteNames } from "../../../daemon/domain/metric.ts";

const row = (at: number): MetricRow => ({ at, step: at * 10, name: "loss", value: 1 / at });

describe("metrics.csv", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "metrics-"));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  async function written(...rows: readonly MetricRow[]): Promise<string> {
    const file = new MetricFile(directory);
    await file.resume();
    for (const row of rows) file.add(row);
    expect(file.flush()).toBe(true);
    file.close();
    return readFileSync(metricFilePath(directory), "utf8");
  }

  it("has a header and a row for each value", async () => {
    expect(await written(row(1), { at: 2, name: 'a "b", c\n', value: "NaN" })).toBe(
      'at,step,name,value\n1,10,loss,1\n2,,"a ""b"", c\\n",NaN\n',
    );
  });

  it("is not there while there is nothing to keep", async () => {
    const file = new MetricFile(directory);
    await file.resume();
    expect(file.flush()).toBe(true);
    expect(existsSync(metricFilePath(directory))).toBe(false);
  });

  it("keeps its rows when the stage is heard from its beginning again, and drops half a one", async () => {
    await written(row(1), row(2));
    appendFileSync(metricFilePath(directory), "3,30,lo");
    const text = await written({ ...row(1), at: 99 }, { ...row(2), at: 99 }, row(3), row(4));
    expect(text.split("\n").map((line) => line.split(",")[0])).toEqual([
      "at",
      "1",
      "2",
      "3",
      "4",
      "",
    ]);
  });

  it("security: is made anew where a link was put in its place", async () => {
    const outside = path.join(directory, "outside");
    writeFileSync(outside, "mine\n");
    symlinkSync(outside, metricFilePath(directory));
    expect(await written(row(1))).toBe("at,step,name,value\n1,10,loss,1\n");
    expect(readFileSync(outside, "utf8")).toBe("mine\n");
  });

  it("tells once when the disk takes no more, and holds nothing back in memory", async () => {
    const file = new MetricFile(path.join(directory, "gone"));
    await file.resume();
    file.add(row(1));
    expect(file.flush()).toBe(false);
    file.add(row(2));
    expect(file.flush()).toBe(true);
  });

  it("gives back what was written, whatever the name", () => {
    const value = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
      fc.constantFrom(...nonFiniteNames),
    );
    const step = fc.option(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
      { nil: undefined },
    );
    fc.assert(
      fc.property(fc.nat(), step, fc.string({ minLength: 1 }), value, (at, step, name, value) => {
        const line = metricLine({ at, name, value, ...(step !== undefined && { step }) });
        expect(line.indexOf("\n")).toBe(line.length - 1);
        const shown = name.replace(/[\u0000-\u001f\u007f]/g, (c) => JSON.stringify(c).slice(1, -1));
        expect(parseMetricLine(line.slice(0, -1))).toEqual({
          at,
          name: shown,
          value,
          ...(step !== undefined && { step }),
        });
      }),
    );
  });
});
