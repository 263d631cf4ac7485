import type { Database } from "better-sqlite3";
import type { RunId } from "../domain/ids.ts";
import { runStates, type RunState } from "../domain/run.ts";
import { runColumns, toRun, type RunColumns, type RunRow } from "./run-row.ts";

/** Which runs to list; everything left out does not narrow. */
export interface RunFilter {
  readonly states?: readonly RunState[];
  readonly name?: string;
  /** Created at or after this instant, epoch ms. */
  readonly sinceAt?: number;
  /** Only runs older than this one: the last id of the page before. */
  readonly before?: RunId;
  readonly limit: number;
}

interface Page {
  readonly before: string;
  readonly from: string;
  readonly sinceAt: number;
  readonly limit: number;
}

/** Greater than every id: ids are lower-case letters, digits and one underscore. */
const afterAllIds = "~";

/**
 * Pages of runs. Each question is one ordered index range per state, merged here: SQLite would sort
 * every match of an `IN` before it takes the first ten.
 */
export class RunLists {
  readonly #page;
  readonly #pageOfState;
  readonly #pageOfName;
  readonly #oldestSince;
  readonly #idsByPrefix;
  readonly #idsOfState;

  constructor(database: Database) {
    const page = `id < @before AND id >= @from AND created_at >= @sinceAt
      ORDER BY id DESC LIMIT @limit`;
    this.#page = database.prepare<[Page], RunColumns>(
      `SELECT ${runColumns} FROM runs WHERE ${page}`,
    );
    // The indexes are named: left alone, the planner takes a name for something that narrows nothing.
    this.#pageOfState = database.prepare<[Page & { state: RunState }], RunColumns>(
      `SELECT ${runColumns} FROM runs INDEXED BY runs_by_state WHERE state = @state AND ${page}`,
    );
    this.#pageOfName = database.prepare<[Page & { state: RunState; name: string }], RunColumns>(
      `SELECT ${runColumns} FROM runs INDEXED BY runs_by_name_state
       WHERE name = @name AND state = @state AND ${page}`,
    );
    // Ids sort by creation, but the clock may have stepped: the oldest id that qualifies is a bound.
    this.#oldestSince = database.prepare<[number], { id: RunId | null }>(
      "SELECT min(id) AS id FROM runs INDEXED BY runs_since WHERE created_at >= ?",
    );
    this.#idsByPrefix = database.prepare<[string, string, number], { id: RunId }>(
      "SELECT id FROM runs WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
    );
    this.#idsOfState = database.prepare<[RunState, number], { id: RunId }>(
      "SELECT id FROM runs WHERE state = ? ORDER BY id LIMIT ?",
    );
  }

  /** Newest first. */
  list({ states, name, sinceAt = 0, before, limit }: RunFilter): RunRow[] {
    const from = sinceAt > 0 ? this.#oldestSince.get(sinceAt)?.id : "";
    if (from === null || from === undefined) return [];
    const page: Page = { before: before ?? afterAllIds, from, sinceAt, limit };
    if (states === undefined && name === undefined) return this.#page.all(page).map(toRun);
    return [...new Set(states ?? runStates)]
      .flatMap((state) =>
        name === undefined
          ? this.#pageOfState.all({ ...page, state })
          : this.#pageOfName.all({ ...page, state, name }),
      )
      .sort((a, b) => (a.id < b.id ? 1 : -1))
      .slice(0, limit)
      .map(toRun);
  }

  /** Ids that begin so, oldest first; the prefix may leave out `run_`. */
  idsByPrefix(prefix: string, limit: number): RunId[] {
    const from = prefix.startsWith("run_") ? prefix : `run_${prefix}`;
    return this.#idsByPrefix.all(from, from + afterAllIds, limit).map(({ id }) => id);
  }

  /** Runs that have not ended, oldest first. */
  live(limit: number): RunId[] {
    return [...this.#idsOfState.all("queued", limit), ...this.#idsOfState.all("running", limit)]
      .map(({ id }) => id)
      .sort()
      .slice(0, limit);
  }
}
