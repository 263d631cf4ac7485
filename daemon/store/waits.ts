import type { Database } from "better-sqlite3";
import type { RunId } from "../domain/ids.ts";

/** `needs` waits for success, `after` for any end. */
export type WaitKind = "needs" | "after";

/** Runs that wait for other runs. */
export class WaitsTable {
  readonly #insert;
  readonly #of;
  readonly #hasOpen;
  readonly #openOn;
  readonly #close;

  constructor(database: Database) {
    this.#insert = database.prepare<[RunId, RunId, WaitKind]>(
      "INSERT INTO run_waits (run_id, on_run_id, kind) VALUES (?, ?, ?)",
    );
    this.#of = database.prepare<[RunId], { onRunId: RunId; kind: WaitKind; open: 0 | 1 }>(
      "SELECT on_run_id AS onRunId, kind, open FROM run_waits WHERE run_id = ?",
    );
    this.#hasOpen = database.prepare<[RunId]>(
      "SELECT 1 FROM run_waits WHERE run_id = ? AND open = 1 LIMIT 1",
    );
    this.#openOn = database.prepare<[RunId], { runId: RunId; kind: WaitKind }>(
      "SELECT run_id AS runId, kind FROM run_waits WHERE on_run_id = ? AND open = 1",
    );
    this.#close = database.prepare<[RunId, RunId, WaitKind]>(
      "UPDATE run_waits SET open = 0 WHERE run_id = ? AND on_run_id = ? AND kind = ?",
    );
  }

  insert(runId: RunId, onRunId: RunId, kind: WaitKind): void {
    this.#insert.run(runId, onRunId, kind);
  }

  /** What a run waited or waits for. */
  of(runId: RunId): { onRunId: RunId; kind: WaitKind; open: boolean }[] {
    return this.#of.all(runId).map((row) => ({ ...row, open: row.open === 1 }));
  }

  hasOpen(runId: RunId): boolean {
    return this.#hasOpen.get(runId) !== undefined;
  }

  /** Who still waits for a run. */
  openOn(onRunId: RunId): { runId: RunId; kind: WaitKind }[] {
    return this.#openOn.all(onRunId);
  }

  close(runId: RunId, onRunId: RunId, kind: WaitKind): void {
    this.#close.run(runId, onRunId, kind);
  }
}
