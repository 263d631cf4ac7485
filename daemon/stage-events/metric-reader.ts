import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { openOwnFile } from "../base/own-file.ts";
import { parseMetricLine } from "../domain/metric.ts";
import { metricFilePath } from "./metric-file.ts";
import { SeriesThinner, type MetricSeries } from "./metric-series.ts";

/** What is answered at most. */
export interface SeriesLimits {
  /** Of each series. */
  readonly points: number;
  readonly series: number;
  /** Read from the end of the file; what is before is left out. */
  readonly bytes: number;
}

/** The metrics of an attempt, in the order in which they first came. */
export interface AttemptMetrics {
  readonly series: readonly MetricSeries[];
  /** The file is so large that its beginning was left out, or so many names that some were. */
  readonly isPartial: boolean;
}

/** Reads the metrics of an attempt; none when there is no file, or one that is not ours. */
export async function readMetrics(
  directory: string,
  limits: SeriesLimits,
): Promise<AttemptMetrics> {
  const file = await openOwnFile(metricFilePath(directory));
  if (file === undefined) return { series: [], isPartial: false };
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - limits.bytes);
    const names = new Map<string, SeriesThinner>();
    let isPartial = start > 0;
    const stream = createReadStream("", { fd: file, start, autoClose: false });
    // The first line is the header, or half a row: neither is one.
    for await (const line of createInterface({ input: stream })) {
      const row = parseMetricLine(line);
      if (row === undefined) continue;
      const { name, ...point } = row;
      const known =
        names.get(name) ?? (names.size < limits.series && new SeriesThinner(name, limits.points));
      if (known === false) isPartial = true;
      else names.set(name, known);
      if (known !== false) known.add(point);
    }
    const series = [...names.values()].map((thinner) => thinner.series());
    return { series: series.filter((found) => found !== undefined), isPartial };
  } finally {
    await file.close();
  }
}
