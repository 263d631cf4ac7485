import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { parseMetricLine, type MetricRow } from "../../daemon/protocol/units.ts";

/** A row with where it comes from. */
export interface ExportedRow extends MetricRow {
  readonly run: string;
  /** The step of the plan; `step` of a row is the stage's own count. */
  readonly planStep: string;
  readonly attempt: number;
}

/** Every row of every attempt, as it is in their files; rejects when a file cannot be read. */
export async function* exportedRows({
  id,
  attempts,
}: MethodResult<"run.metrics">): AsyncGenerator<ExportedRow> {
  for (const { step: planStep, number: attempt, file, series } of attempts) {
    if (series.length === 0) continue;
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const row = parseMetricLine(line);
      if (row !== undefined) yield { run: id, planStep, attempt, ...row };
    }
  }
}
