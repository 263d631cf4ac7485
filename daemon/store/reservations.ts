import type { Database } from "better-sqlite3";
import type { AttemptId } from "../domain/ids.ts";
import type { Reservation } from "../domain/reservation.ts";
import { fromJson, toJson } from "./json-column.ts";
import type { Columns } from "./present.ts";

type ReservationColumns = Columns<Reservation, "pools" | "locks">;

/** Capacity held for live attempts. */
export class ReservationsTable {
  readonly #insert;
  readonly #delete;
  readonly #all;

  constructor(database: Database) {
    this.#insert = database.prepare<[ReservationColumns]>(
      `INSERT INTO reservations (attempt_id, memory_bytes, cpus, gpus, vram_bytes, pools_json, locks_json)
       VALUES (@attemptId, @memoryBytes, @cpus, @gpus, @vramBytes, @pools, @locks)`,
    );
    this.#delete = database.prepare<[AttemptId]>("DELETE FROM reservations WHERE attempt_id = ?");
    this.#all = database.prepare<[], ReservationColumns>(
      `SELECT attempt_id AS attemptId, memory_bytes AS memoryBytes, cpus, gpus,
         vram_bytes AS vramBytes, pools_json AS pools,
         locks_json AS locks
       FROM reservations`,
    );
  }

  insert(reservation: Reservation): void {
    const { attemptId, memoryBytes, cpus, gpus, vramBytes, pools, locks } = reservation;
    const texts = { pools: toJson(pools), locks: toJson(locks) };
    this.#insert.run({ attemptId, memoryBytes, cpus, gpus, vramBytes, ...texts });
  }

  /** False when there was none. */
  delete(attemptId: AttemptId): boolean {
    return this.#delete.run(attemptId).changes === 1;
  }

  all(): Reservation[] {
    return this.#all
      .all()
      .map((row) => ({ ...row, pools: fromJson(row.pools), locks: fromJson(row.locks) }));
  }
}
