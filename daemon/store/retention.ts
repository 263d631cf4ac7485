import type { Database } from "better-sqlite3";
import type { RunId } from "../domain/ids.ts";
import type { CollectReason, KeepReason, RunWeight } from "../domain/retention.ts";
import { finalRunStates } from "../domain/run.ts";

/** A run that has ended, as retention looks at it. Sizes of one that was not weighed are 0. */
export interface EndedRun {
  readonly id: RunId;
  readonly name: string;
  readonly endedAt: number;
  readonly logBytes: number;
  readonly historyBytes: number;
}

/** What all ended runs have and take. */
export interface RunTotals extends RunWeight {
  readonly runs: number;
  /** Runs that have logs. */
  readonly logs: number;
}

/** A run that retention took. `at` is epoch ms. */
export interface CollectedRun {
  readonly id: RunId;
  readonly at: number;
  readonly because: CollectReason;
}

/** Where a page of ended runs begins: behind this one. */
export type EndedCursor = Pick<EndedRun, "id" | "endedAt">;

const endedColumns = `id, name, ended_at AS endedAt, ifnull(log_bytes, 0) AS logBytes,
  ifnull(history_bytes, 0) AS historyBytes`;
const live = "state IN ('queued', 'running')";

interface Kept {
  readonly because: KeepReason | null;
}

const finalCounts = finalRunStates.map((state) => `'runs.${state}'`).join(", ");

/** A run of which something goes on is not asked about: it has not ended. */
const keptBecause = `SELECT CASE
    WHEN pinned = 1 THEN 'pinned'
    WHEN ended_at > @since THEN 'just-ended'
    WHEN EXISTS (SELECT 1 FROM run_waits JOIN runs AS waiting ON waiting.id = run_waits.run_id
      WHERE on_run_id = @id AND waiting.${live}) THEN 'needed'
    WHEN EXISTS (SELECT 1 FROM schedule_ticks WHERE run_id = @id AND state = 'fired') THEN 'schedule'
    WHEN EXISTS (
      WITH RECURSIVE later (id, state) AS (
        SELECT id, state FROM runs WHERE retried_from = @id
        UNION SELECT runs.id, runs.state FROM later JOIN runs ON retried_from = later.id LIMIT 1000
      ) SELECT 1 FROM later WHERE ${live}) THEN 'retried'
  END AS because
  FROM runs WHERE id = @id`;

/** Of each state so many at most: nobody wants to know how many more there are. */
const newerOfName = `SELECT count(*) FROM (${finalRunStates
  .map(
    (state) =>
      `SELECT 1 FROM (SELECT 1 FROM runs INDEXED BY runs_by_name_state
         WHERE name = @name AND state = '${state}' AND id > @id LIMIT @most)`,
  )
  .join(" UNION ALL ")})`;

/** What retention asks about runs, and how it takes them. */
export class RetentionTable {
  readonly #unweighed;
  readonly #weigh;
  readonly #totals;
  readonly #pinned;
  readonly #ended;
  readonly #withLogs;
  readonly #keptBecause;
  readonly #newer;
  readonly #takeLogs;
  readonly #logsGoing;
  readonly #setPinned;
  readonly #mark;
  readonly #going;
  readonly #done;
  readonly #trimMarks;
  readonly #get;
  readonly #deleteSteps;
  readonly #deleteRun;

  constructor(database: Database) {
    this.#unweighed = database.prepare<[number], { id: RunId }>(
      "SELECT id FROM runs WHERE ended_at IS NOT NULL AND log_bytes IS NULL ORDER BY id LIMIT ?",
    );
    this.#weigh = database.prepare<[number, number, RunId]>(
      "UPDATE runs SET log_bytes = ?, history_bytes = ? WHERE id = ? AND ended_at IS NOT NULL",
    );
    this.#totals = database.prepare<[], RunTotals>(
      `SELECT logs, log_bytes AS logBytes, history_bytes AS historyBytes,
         (SELECT sum(amount) FROM counts WHERE name IN (${finalCounts})) AS runs
       FROM run_figures WHERE id = 1`,
    );
    this.#pinned = database.prepare<[], RunTotals>(
      `SELECT count(*) AS runs, count(nullif(log_bytes, 0)) AS logs, ifnull(sum(log_bytes), 0) AS logBytes,
         ifnull(sum(history_bytes), 0) AS historyBytes
       FROM runs INDEXED BY runs_pinned WHERE pinned = 1 AND ended_at IS NOT NULL`,
    );
    this.#ended = database.prepare<[number, string, number], EndedRun>(
      `SELECT ${endedColumns} FROM runs INDEXED BY runs_by_end
       WHERE ended_at IS NOT NULL AND (ended_at, id) > (?, ?) ORDER BY ended_at, id LIMIT ?`,
    );
    this.#withLogs = database.prepare<[number, string, number], EndedRun>(
      `SELECT ${endedColumns} FROM runs INDEXED BY runs_with_logs
       WHERE log_bytes > 0 AND logs_gone_at IS NULL AND (ended_at, id) > (?, ?)
       ORDER BY ended_at, id LIMIT ?`,
    );
    this.#keptBecause = database.prepare<[{ id: RunId; since: number }], Kept>(keptBecause);
    this.#newer = database
      .prepare<[{ id: RunId; name: string; most: number }], number>(newerOfName)
      .pluck();
    this.#takeLogs = database.prepare<[number, CollectReason, RunId]>(
      `UPDATE runs SET logs_gone_at = ?, logs_gone_because = ?
       WHERE id = ? AND ended_at IS NOT NULL AND logs_gone_at IS NULL`,
    );
    this.#logsGoing = database.prepare<[number], { id: RunId }>(
      `SELECT id FROM runs INDEXED BY runs_with_logs
       WHERE log_bytes > 0 AND logs_gone_at IS NOT NULL LIMIT ?`,
    );
    this.#setPinned = database.prepare<[0 | 1, RunId]>("UPDATE runs SET pinned = ? WHERE id = ?");
    this.#mark = database.prepare<[RunId, number, CollectReason]>(
      "INSERT INTO collected_runs (run_id, at, because) VALUES (?, ?, ?)",
    );
    this.#going = database.prepare<[number, number], { number: number; id: RunId }>(
      `SELECT number, run_id AS id FROM collected_runs WHERE going = 1 AND number > ?
       ORDER BY number LIMIT ?`,
    );
    this.#done = database.prepare<[RunId]>("UPDATE collected_runs SET going = 0 WHERE run_id = ?");
    this.#trimMarks = database.prepare<[number]>(
      `DELETE FROM collected_runs
       WHERE number <= (SELECT max(number) FROM collected_runs) - ? AND going = 0`,
    );
    this.#get = database.prepare<[string, string, number], CollectedRun>(
      `SELECT run_id AS id, at, because FROM collected_runs WHERE run_id >= ? AND run_id < ?
       ORDER BY run_id LIMIT ?`,
    );
    this.#deleteSteps = database.prepare<[RunId, RunId, number]>(
      `DELETE FROM steps WHERE run_id = ? AND name IN (SELECT name FROM steps WHERE run_id = ? LIMIT ?)`,
    );
    this.#deleteRun = database.prepare<[RunId]>("DELETE FROM runs WHERE id = ?");
  }

  /** Ended runs whose directories nobody has looked at yet. */
  unweighed(limit: number): RunId[] {
    return this.#unweighed.all(limit).map(({ id }) => id);
  }

  /** Notes what the directory of an ended run takes. */
  weigh(id: RunId, { logBytes, historyBytes }: RunWeight): void {
    this.#weigh.run(logBytes, historyBytes, id);
  }

  /** Read from counters that triggers keep. */
  totals(): RunTotals {
    return this.#totals.get() ?? { runs: 0, logs: 0, logBytes: 0, historyBytes: 0 };
  }

  /** Of them what is pinned. */
  pinned(): RunTotals {
    return this.#pinned.get() ?? { runs: 0, logs: 0, logBytes: 0, historyBytes: 0 };
  }

  /** A page of the runs that have ended, the one that ended first leading. */
  ended(limit: number, after?: EndedCursor): EndedRun[] {
    return this.#ended.all(after?.endedAt ?? -1, after?.id ?? "", limit);
  }

  /** The same of those that have logs. */
  withLogs(limit: number, after?: EndedCursor): EndedRun[] {
    return this.#withLogs.all(after?.endedAt ?? -1, after?.id ?? "", limit);
  }

  /** Why an ended run stays, if it must; one that ended after `since` has only just ended. */
  keptBecause(id: RunId, since: number): KeepReason | undefined {
    const row = this.#keptBecause.get({ id, since });
    return row?.because ?? undefined;
  }

  /** Whether a run is among the newest ended ones of its name. */
  isAmongLast({ id, name }: Pick<EndedRun, "id" | "name">, most: number): boolean {
    return most > 0 && (this.#newer.get({ id, name, most }) ?? 0) < most;
  }

  /** Says that the logs of a run go; false when they went before. */
  takeLogs(id: RunId, at: number, because: CollectReason): boolean {
    return this.#takeLogs.run(at, because, id).changes === 1;
  }

  /** Runs whose logs are on their way. */
  logsGoing(limit: number): RunId[] {
    return this.#logsGoing.all(limit).map(({ id }) => id);
  }

  /** False when there is no such run. */
  setPinned(id: RunId, pinned: boolean): boolean {
    return this.#setPinned.run(pinned ? 1 : 0, id).changes === 1;
  }

  /** Says that a run goes, before any of it does. */
  mark(id: RunId, at: number, because: CollectReason): void {
    this.#mark.run(id, at, because);
  }

  /** A page of the runs of which something is still there. */
  going(limit: number, after = 0): { number: number; id: RunId }[] {
    return this.#going.all(after, limit);
  }

  /** Nothing of it is left. */
  done(id: RunId): void {
    this.#done.run(id);
  }

  /** Forgets all but the newest of those that are gone. */
  trimMarks(keep: number): void {
    this.#trimMarks.run(keep);
  }

  /** Collected runs whose id begins so; the prefix may leave out `run_`. */
  collected(prefix: string, limit: number): CollectedRun[] {
    const from = prefix.startsWith("run_") ? prefix : `run_${prefix}`;
    return this.#get.all(from, `${from}~`, limit);
  }

  /** Deletes so many steps of a run with their attempts; gives how many there were. */
  deleteSteps(id: RunId, limit: number): number {
    return this.#deleteSteps.run(id, id, limit).changes;
  }

  /** Deletes a run with all that it has besides steps, and with its plan and environment if nobody shares them. */
  deleteRun(id: RunId): void {
    this.#deleteRun.run(id);
  }
}
