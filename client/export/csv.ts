import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { metricHeader, metricLine } from "../../daemon/protocol/units.ts";
import type { ExportedRow } from "./metric-rows.ts";

/** Writes rows as CSV: those of metrics.csv, with run, step of the plan and attempt before them. */
export function writeCsv(file: string, rows: AsyncIterable<ExportedRow>): Promise<void> {
  return pipeline(lines(rows), createWriteStream(file));
}

async function* lines(rows: AsyncIterable<ExportedRow>): AsyncGenerator<string> {
  yield `run,plan_step,attempt,${metricHeader}`;
  for await (const { run, planStep, attempt, ...row } of rows) {
    yield `${run},${planStep},${attempt},${metricLine(row)}`;
  }
}
