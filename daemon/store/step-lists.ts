import type { Database } from "better-sqlite3";
import type { RunId } from "../domain/ids.ts";
import type { StepState } from "../domain/run.ts";
import { inList } from "./sql.ts";
import { stepColumns, toStep, type StepColumns, type StepRow } from "./step-row.ts";

/**
 * The states in which a step is neither over nor behind another; said as the index says it, or SQLite does
 * not see that the index may be used.
 */
export const going = `state IN (${inList(["resolving", "ready", "running"])})`;

/** Questions about several steps. */
export class StepLists {
  readonly #of;
  readonly #elementsOf;
  readonly #open;
  readonly #resolving;
  readonly #keyed;
  readonly #isGoing;
  readonly #isRunning;
  readonly #pending;
  readonly #mostTries;
  readonly #has;
  readonly #firstEnded;

  constructor(database: Database) {
    const select = (rest: string): string => `SELECT ${stepColumns} FROM steps WHERE ${rest}`;
    this.#of = database.prepare<[RunId], StepColumns>(select("run_id = ? ORDER BY name"));
    // Elements are named after their step: a range of the primary key, where no other question has an index.
    this.#elementsOf = database.prepare<[RunId, string, string, string], StepColumns>(
      select("run_id = ? AND name > ? || '.' AND name < ? || '/' AND parent = ?"),
    );
    this.#open = database.prepare<[RunId], { name: string; weight: number }>(
      "SELECT name, weight FROM steps WHERE run_id = ? AND state = 'waiting' AND open_needs = 0",
    );
    this.#resolving = database.prepare<[], { runId: RunId; step: string }>(
      `SELECT run_id AS runId, name AS step FROM steps INDEXED BY steps_going
       WHERE ${going} AND state = 'resolving'`,
    );
    this.#keyed = database.prepare<[], { runId: RunId; step: string; key: string }>(
      `SELECT run_id AS runId, name AS step, cache_key AS key FROM steps INDEXED BY steps_going
       WHERE ${going} AND state IN ('ready', 'running') AND cache_key IS NOT NULL AND forced = 0`,
    );
    this.#isGoing = database.prepare<[RunId]>(
      `SELECT 1 FROM steps INDEXED BY steps_going WHERE ${going} AND run_id = ? LIMIT 1`,
    );
    this.#isRunning = database.prepare<[RunId]>(
      `SELECT 1 FROM steps INDEXED BY steps_going
       WHERE ${going} AND state = 'running' AND run_id = ? LIMIT 1`,
    );
    this.#pending = database.prepare<[RunId, number], { name: string }>(
      `SELECT name FROM steps
       WHERE run_id = ? AND state IN ('waiting', 'resolving', 'ready') LIMIT ?`,
    );
    this.#mostTries = database.prepare<[RunId], { most: number | null }>(
      "SELECT max(attempts) AS most FROM steps WHERE run_id = ?",
    );
    this.#has = database.prepare<[RunId, StepState]>(
      "SELECT 1 FROM steps WHERE run_id = ? AND state = ? LIMIT 1",
    );
    // SQLite takes the other columns from the row that has the minimum.
    this.#firstEnded = database.prepare<[RunId, StepState], { name: string | null; at: number }>(
      `SELECT name, min(ended_at) AS at FROM steps
       WHERE run_id = ? AND state = ? AND end_json IS NOT NULL`,
    );
  }

  of(runId: RunId): StepRow[] {
    return this.#of.all(runId).map(toStep);
  }

  elementsOf(runId: RunId, parent: string): StepRow[] {
    const rows = this.#elementsOf.all(runId, parent, parent, parent).map(toStep);
    return rows.sort((a, b) => (a.element?.index ?? 0) - (b.element?.index ?? 0));
  }

  open(runId: RunId): string[] {
    const rows = this.#open.all(runId).sort((a, b) => b.weight - a.weight);
    return rows.map(({ name }) => name);
  }

  resolving(): { runId: RunId; step: string }[] {
    return this.#resolving.all();
  }

  keyed(): { runId: RunId; step: string; key: string }[] {
    return this.#keyed.all();
  }

  isGoing(runId: RunId): boolean {
    return this.#isGoing.get(runId) !== undefined;
  }

  isRunning(runId: RunId): boolean {
    return this.#isRunning.get(runId) !== undefined;
  }

  pending(runId: RunId, limit: number): string[] {
    return this.#pending.all(runId, limit).map(({ name }) => name);
  }

  mostTries(runId: RunId): number {
    return this.#mostTries.get(runId)?.most ?? 0;
  }

  has(runId: RunId, state: StepState): boolean {
    return this.#has.get(runId, state) !== undefined;
  }

  firstEnded(runId: RunId, state: StepState): string | undefined {
    return this.#firstEnded.get(runId, state)?.name ?? undefined;
  }
}
