import type { Database, Statement } from "better-sqlite3";
import type { RunId } from "../domain/ids.ts";
import { stepSources, stepStates, type StepState } from "../domain/run.ts";
import { present, type Columns } from "./present.ts";
import { inList } from "./sql.ts";

/** A step's life in its run, and what it has spent of its retry budgets. */
export interface StepRow {
  readonly runId: RunId;
  readonly name: string;
  readonly state: StepState;
  readonly attempts: number;
  readonly oomKills: number;
  readonly failures: number;
  readonly losses: number;
  /** The largest limit this step was killed at. */
  readonly killedAtBytes?: number;
}

type StepColumns = Columns<StepRow>;

const columns = `run_id AS runId, name, state, attempts, oom_kills AS oomKills, failures, losses,
  killed_at_bytes AS killedAtBytes`;

/** Steps of runs. */
export class StepsTable {
  readonly #insert;
  readonly #get;
  readonly #of;
  readonly #moves: ReadonlyMap<StepState, Statement<[RunId, string]>>;
  readonly #countAttempt;
  readonly #countOomKill;
  readonly #countFailure;
  readonly #countLoss;

  constructor(database: Database) {
    this.#insert = database.prepare<[RunId, string, StepState]>(
      "INSERT INTO steps (run_id, name, state) VALUES (?, ?, ?)",
    );
    this.#get = database.prepare<[RunId, string], StepColumns>(
      `SELECT ${columns} FROM steps WHERE run_id = ? AND name = ?`,
    );
    this.#of = database.prepare<[RunId], StepColumns>(
      `SELECT ${columns} FROM steps WHERE run_id = ? ORDER BY name`,
    );
    const reachable = stepStates.filter((to) => stepSources[to].length > 0);
    this.#moves = new Map(
      reachable.map((to) => [
        to,
        database.prepare<[RunId, string]>(
          `UPDATE steps SET state = '${to}'
           WHERE run_id = ? AND name = ? AND state IN (${inList(stepSources[to])})`,
        ),
      ]),
    );
    this.#countAttempt = database.prepare<[RunId, string], { attempts: number }>(
      "UPDATE steps SET attempts = attempts + 1 WHERE run_id = ? AND name = ? RETURNING attempts",
    );
    this.#countOomKill = database.prepare<[number, RunId, string]>(
      `UPDATE steps SET oom_kills = oom_kills + 1, killed_at_bytes = max(ifnull(killed_at_bytes, 0), ?)
       WHERE run_id = ? AND name = ?`,
    );
    this.#countFailure = database.prepare<[RunId, string]>(
      "UPDATE steps SET failures = failures + 1 WHERE run_id = ? AND name = ?",
    );
    this.#countLoss = database.prepare<[RunId, string]>(
      "UPDATE steps SET losses = losses + 1 WHERE run_id = ? AND name = ?",
    );
  }

  insert(runId: RunId, name: string, state: StepState): void {
    this.#insert.run(runId, name, state);
  }

  get(runId: RunId, name: string): StepRow | undefined {
    const row = this.#get.get(runId, name);
    return row && present(row);
  }

  /** All steps of a run, by name; their order is the plan's affair. */
  of(runId: RunId): StepRow[] {
    return this.#of.all(runId).map(present);
  }

  /** Moves a step from a legal source of `to`; false when it is in none of them (a lost race). */
  move(runId: RunId, name: string, to: StepState): boolean {
    return this.#moves.get(to)?.run(runId, name).changes === 1;
  }

  /** Counts one more attempt and gives its number, from 1. */
  countAttempt(runId: RunId, name: string): number {
    const row = this.#countAttempt.get(runId, name);
    if (row === undefined) throw new Error(`no step ${name} in ${runId}`);
    return row.attempts;
  }

  /** Counts a kill at this limit, and keeps the largest of them. */
  countOomKill(runId: RunId, name: string, limitBytes: number): void {
    this.#countOomKill.run(limitBytes, runId, name);
  }

  countFailure(runId: RunId, name: string): void {
    this.#countFailure.run(runId, name);
  }

  countLoss(runId: RunId, name: string): void {
    this.#countLoss.run(runId, name);
  }
}
