import type { Database } from "better-sqlite3";
import type { AttemptId } from "../domain/ids.ts";
import { joined, type MemoryCurve } from "../domain/memory-curve.ts";
import { fromJson, toJson, type JsonText } from "./json-column.ts";

interface CurveColumns {
  readonly attemptId: AttemptId;
  readonly stepMs: number;
  readonly needBytes: JsonText<MemoryCurve["needBytes"]>;
}

/** What attempts needed over their time; those of a moment have none. */
export class MemoryCurvesTable {
  readonly #get;
  readonly #put;

  constructor(database: Database) {
    this.#get = database.prepare<[AttemptId], CurveColumns>(
      `SELECT attempt_id AS attemptId, step_ms AS stepMs, need_json AS needBytes
       FROM memory_curves WHERE attempt_id = ?`,
    );
    this.#put = database.prepare<[CurveColumns]>(
      `INSERT OR REPLACE INTO memory_curves (attempt_id, step_ms, need_json)
       VALUES (@attemptId, @stepMs, @needBytes)`,
    );
  }

  get(attemptId: AttemptId): MemoryCurve | undefined {
    const row = this.#get.get(attemptId);
    return row && { stepMs: row.stepMs, needBytes: fromJson(row.needBytes) };
  }

  /** Adds to what is known: an earlier daemon may have seen the beginning. */
  add(attemptId: AttemptId, curve: MemoryCurve): void {
    const known = this.get(attemptId);
    const { stepMs, needBytes } = known === undefined ? curve : joined(known, curve);
    this.#put.run({ attemptId, stepMs, needBytes: toJson(needBytes) });
  }
}
