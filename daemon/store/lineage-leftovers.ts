import type { Database, Statement } from "better-sqlite3";
import type { StepPlace } from "../domain/run.ts";

/** Both have rows of a run that stay when it goes. */
const tables = ["lineage_writes", "lineage_reads"] as const;
export type LineageRows = (typeof tables)[number];

interface Page {
  readonly runId: string;
  readonly step: string;
  readonly limit: number;
}

/** Lineage of runs that are gone: what of it still leads anywhere, and what does not. */
export class LineageLeftovers {
  readonly #pages: Readonly<Record<LineageRows, Statement<[Page], StepPlace>>>;
  readonly #isNeeded;
  readonly #drops;

  constructor(database: Database) {
    const pageOf = (table: LineageRows): Statement<[Page], StepPlace> =>
      database.prepare(
        `SELECT DISTINCT run_id AS runId, step FROM ${table} WHERE (run_id, step) < (@runId, @step)
         ORDER BY run_id DESC, step DESC LIMIT @limit`,
      );
    this.#pages = {
      lineage_writes: pageOf("lineage_writes"),
      lineage_reads: pageOf("lineage_reads"),
    };
    this.#isNeeded = database.prepare<[StepPlace]>(
      `SELECT 1 WHERE EXISTS (SELECT 1 FROM runs WHERE id = @runId) OR EXISTS (
         SELECT 1 FROM lineage_writes AS made WHERE run_id = @runId AND step = @step AND (
           EXISTS (SELECT 1 FROM artifacts WHERE digest = made.artifact) OR
           EXISTS (SELECT 1 FROM lineage_reads AS used WHERE used.artifact = made.artifact
             AND (used.run_id, used.step) <> (@runId, @step))))`,
    );
    this.#drops = tables.map((table) =>
      database.prepare<[StepPlace]>(`DELETE FROM ${table} WHERE run_id = @runId AND step = @step`),
    );
  }

  /** A page of the steps that have rows, from the newest run backwards: those before this one. */
  before(
    table: LineageRows,
    place: { readonly runId: string; readonly step: string },
    limit: number,
  ): StepPlace[] {
    const { runId, step } = place;
    return this.#pages[table].all({ runId, step, limit });
  }

  /** Whether its run is still there, what it wrote is still kept, or somebody on record read that. */
  isNeeded({ runId, step }: StepPlace): boolean {
    return this.#isNeeded.get({ runId, step }) !== undefined;
  }

  /** Forgets what a step read and wrote. */
  drop({ runId, step }: StepPlace): void {
    for (const drop of this.#drops) drop.run({ runId, step });
  }
}
