import type { Database } from "better-sqlite3";
import type { AttemptId } from "../domain/ids.ts";
import type { Reservation } from "../domain/reservation.ts";
import { fromJson, toJson, type JsonText } from "./json-column.ts";
import type { Columns } from "./present.ts";

type ReservationColumns = Columns<Reservation, "devices" | "pools" | "locks">;

/** Capacity held for live attempts. */
export class ReservationsTable {
  readonly #insert;
  readonly #delete;
  readonly #devices;
  readonly #all;

  constructor(database: Database) {
    this.#insert = database.prepare<[ReservationColumns]>(
      `INSERT INTO reservations (attempt_id, memory_bytes, cpus, gpus, vram_bytes, devices_json,
         pools_json, locks_json)
       VALUES (@attemptId, @memoryBytes, @cpus, @gpus, @vramBytes, @devices, @pools, @locks)`,
    );
    this.#delete = database.prepare<[AttemptId]>("DELETE FROM reservations WHERE attempt_id = ?");
    this.#devices = database
      .prepare<[AttemptId], JsonText<readonly number[]>>(
        "SELECT devices_json FROM reservations WHERE attempt_id = ?",
      )
      .pluck();
    this.#all = database.prepare<[], ReservationColumns>(
      `SELECT attempt_id AS attemptId, memory_bytes AS memoryBytes, cpus, gpus,
         vram_bytes AS vramBytes, devices_json AS devices, pools_json AS pools, locks_json AS locks
       FROM reservations`,
    );
  }

  insert(reservation: Reservation): void {
    const { attemptId, memoryBytes, cpus, gpus, vramBytes, devices, pools, locks } = reservation;
    const texts = { devices: toJson(devices), pools: toJson(pools), locks: toJson(locks) };
    this.#insert.run({ attemptId, memoryBytes, cpus, gpus, vramBytes, ...texts });
  }

  /** False when there was none. */
  delete(attemptId: AttemptId): boolean {
    return this.#delete.run(attemptId).changes === 1;
  }

  /** The GPU devices that an attempt was given; none once it has given everything back. */
  devicesOf(attemptId: AttemptId): readonly number[] {
    const text = this.#devices.get(attemptId);
    return text === undefined ? [] : fromJson(text);
  }

  all(): Reservation[] {
    return this.#all.all().map((row) => ({
      ...row,
      devices: fromJson(row.devices),
      pools: fromJson(row.pools),
      locks: fromJson(row.locks),
    }));
  }
}
