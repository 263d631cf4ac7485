import type { Database } from "better-sqlite3";
import type { RunId } from "../domain/ids.ts";

/** A step that may start as soon as the box has room. */
export interface ReadyRow {
  readonly runId: RunId;
  readonly step: string;
  readonly priority: number;
  /** Epoch ms before which it backs off; 0 when it does not. */
  readonly notBeforeAt: number;
  /** Starts that went past it while it was the head of the line. */
  readonly passedOver: number;
}

const columns = `run_id AS runId, step, priority, not_before_at AS notBeforeAt,
  passed_over AS passedOver`;

/** The queue: steps by priority, then age. */
export class ReadyTable {
  readonly #insert;
  readonly #delete;
  readonly #get;
  readonly #head;
  readonly #nextBackoffAt;
  readonly #passOver;
  readonly #aheadOf;
  readonly #count;

  constructor(database: Database) {
    this.#insert = database.prepare<[ReadyRow]>(
      `INSERT INTO ready_steps (run_id, step, priority, not_before_at, passed_over)
       VALUES (@runId, @step, @priority, @notBeforeAt, @passedOver)`,
    );
    this.#delete = database.prepare<[RunId, string]>(
      "DELETE FROM ready_steps WHERE run_id = ? AND step = ?",
    );
    this.#get = database.prepare<[RunId, string], ReadyRow>(
      `SELECT ${columns} FROM ready_steps WHERE run_id = ? AND step = ?`,
    );
    this.#head = database.prepare<[number, number, number], ReadyRow>(
      `SELECT ${columns} FROM ready_steps INDEXED BY ready_steps_order
       WHERE not_before_at NOT BETWEEN ? + 1 AND ? ORDER BY priority DESC, run_id, step LIMIT ?`,
    );
    this.#nextBackoffAt = database.prepare<[number], { at: number | null }>(
      "SELECT min(not_before_at) AS at FROM ready_steps WHERE not_before_at > 0 AND not_before_at > ?",
    );
    this.#passOver = database.prepare<[RunId, string]>(
      "UPDATE ready_steps SET passed_over = passed_over + 1 WHERE run_id = ? AND step = ?",
    );
    this.#aheadOf = database.prepare<[ReadyRow], { count: number }>(
      `SELECT (SELECT count(*) FROM ready_steps WHERE priority > @priority)
         + (SELECT count(*) FROM ready_steps
            WHERE priority = @priority AND (run_id, step) < (@runId, @step)) AS count`,
    );
    this.#count = database.prepare<[], { amount: number }>(
      "SELECT amount FROM counts WHERE name = 'ready_steps'",
    );
  }

  insert(row: ReadyRow): void {
    this.#insert.run(row);
  }

  /** False when it was not in the queue. */
  delete(runId: RunId, step: string): boolean {
    return this.#delete.run(runId, step).changes === 1;
  }

  get(runId: RunId, step: string): ReadyRow | undefined {
    return this.#get.get(runId, step);
  }

  /**
   * The first of the line that do not back off at `now`. An end further away than any backoff is long
   * means that the wall clock was set back meanwhile: it has passed.
   */
  head(now: number, limit: number, longestBackoffMs = Infinity): ReadyRow[] {
    const latestAt = Math.min(now + longestBackoffMs, Number.MAX_SAFE_INTEGER);
    return this.#head.all(now, latestAt, limit);
  }

  /** When the next backoff after `now` ends. */
  nextBackoffAt(now: number): number | undefined {
    return this.#nextBackoffAt.get(now)?.at ?? undefined;
  }

  passOver(runId: RunId, step: string): void {
    this.#passOver.run(runId, step);
  }

  /** How many stand before it in the line, those that back off too. */
  aheadOf(row: ReadyRow): number {
    return this.#aheadOf.get(row)?.count ?? 0;
  }

  /** Read from a counter that triggers keep. */
  count(): number {
    return this.#count.get()?.amount ?? 0;
  }
}
