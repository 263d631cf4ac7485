import type { Database } from "better-sqlite3";

/** What happened since the database was made, in figures that triggers keep; nothing is ever counted. */
export class TotalsTable {
  readonly #all;
  readonly #counts;
  readonly #oldestQueued;

  constructor(database: Database) {
    this.#all = database.prepare<[], { name: string; amount: number }>(
      "SELECT name, amount FROM totals",
    );
    this.#counts = database.prepare<[], { name: string; amount: number }>(
      "SELECT name, amount FROM counts",
    );
    this.#oldestQueued = database
      .prepare<[], number>(
        `SELECT created_at FROM runs INDEXED BY runs_by_state WHERE state = 'queued'
         ORDER BY id LIMIT 1`,
      )
      .pluck();
  }

  /** By name, such as `runs.failed`; what never happened is absent. They only grow. */
  all(): ReadonlyMap<string, number> {
    return new Map(this.#all.all().map(({ name, amount }) => [name, amount]));
  }

  /** How many rows there are now, by name, such as `runs.queued` and `ready_steps`. */
  counts(): ReadonlyMap<string, number> {
    return new Map(this.#counts.all().map(({ name, amount }) => [name, amount]));
  }

  /** When the run that is queued longest was submitted, epoch ms. */
  oldestQueuedAt(): number | undefined {
    return this.#oldestQueued.get();
  }
}
