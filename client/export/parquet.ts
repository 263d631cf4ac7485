import type { ExportedRow } from "./metric-rows.ts";

/** Rows held at once. */
const rowGroupSize = 100_000;

/** The columns of the file; a stage that does not count has no step. */
const columns = [
  { name: "run", type: "STRING", nullable: false },
  { name: "plan_step", type: "STRING", nullable: false },
  { name: "attempt", type: "INT32", nullable: false },
  { name: "at", type: "TIMESTAMP", nullable: false },
  { name: "step", type: "DOUBLE" },
  { name: "name", type: "STRING", nullable: false },
  { name: "value", type: "DOUBLE", nullable: false },
] as const;

/** Writes rows as Parquet, a group at a time; a value that is not finite is the double of its name. */
export async function writeParquet(file: string, rows: AsyncIterable<ExportedRow>): Promise<void> {
  // Loaded here alone, by who asks for it.
  const { fileWriter, parquetWriteRows } = await import("hyparquet-writer");
  const writer = fileWriter(file);
  await parquetWriteRows({ writer, rows: records(rows), columns: [...columns], rowGroupSize });
}

async function* records(rows: AsyncIterable<ExportedRow>): AsyncGenerator<Record<string, unknown>> {
  for await (const { planStep, at, step, value, ...row } of rows) {
    const own = { plan_step: planStep, at: new Date(at), step, value: Number(value) };
    yield { ...row, ...own };
  }
}
