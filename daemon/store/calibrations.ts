import type { Database } from "better-sqlite3";
import type { Calibration, Evidence } from "../domain/calibration.ts";
import { present } from "./present.ts";

interface CalibrationColumns extends Omit<Calibration, "cleanPeak" | "killedAt" | "pinned"> {
  readonly cleanPeakBytes: number | null;
  readonly cleanPeakRun: string | null;
  readonly cleanPeakAt: number | null;
  readonly killedAtBytes: number | null;
  readonly killedAtRun: string | null;
  readonly killedAtAt: number | null;
  readonly pinnedBytes: number | null;
  readonly pinnedRun: string | null;
  readonly pinnedAt: number | null;
}

const columns = `key, clean_peak_bytes AS cleanPeakBytes, clean_peak_run AS cleanPeakRun,
  clean_peak_at AS cleanPeakAt, killed_at_bytes AS killedAtBytes, killed_at_run AS killedAtRun,
  killed_at_at AS killedAtAt, pinned_bytes AS pinnedBytes, pinned_run AS pinnedRun,
  pinned_at AS pinnedAt, successes, kills, rejected, last_seen_at AS lastSeenAt`;
/** Sorts after every text that begins with the same letters. */
const lastCharacter = "\u{10FFFF}";

/** What is known of each key's need. */
export class CalibrationsTable {
  readonly #get;
  readonly #put;
  readonly #delete;
  readonly #list;
  readonly #all;

  constructor(database: Database) {
    this.#get = database.prepare<[string], CalibrationColumns>(
      `SELECT ${columns} FROM calibrations WHERE key = ?`,
    );
    this.#put = database.prepare<[CalibrationColumns]>(
      `INSERT OR REPLACE INTO calibrations (key, clean_peak_bytes, clean_peak_run, clean_peak_at,
         killed_at_bytes, killed_at_run, killed_at_at, pinned_bytes, pinned_run, pinned_at,
         successes, kills, rejected, last_seen_at)
       VALUES (@key, @cleanPeakBytes, @cleanPeakRun, @cleanPeakAt, @killedAtBytes, @killedAtRun,
         @killedAtAt, @pinnedBytes, @pinnedRun, @pinnedAt, @successes, @kills, @rejected, @lastSeenAt)`,
    );
    this.#delete = database.prepare<[string]>("DELETE FROM calibrations WHERE key = ?");
    this.#list = database.prepare<[string, string, number], CalibrationColumns>(
      `SELECT ${columns} FROM calibrations WHERE key >= ? AND key < ? ORDER BY key LIMIT ?`,
    );
    this.#all = database.prepare<[], CalibrationColumns>(
      `SELECT ${columns} FROM calibrations ORDER BY key`,
    );
  }

  get(key: string): Calibration | undefined {
    const row = this.#get.get(key);
    return row && toCalibration(row);
  }

  /** Replaces what was known of its key. */
  put(calibration: Calibration): void {
    const { cleanPeak, killedAt, pinned, ...rest } = calibration;
    this.#put.run({
      ...rest,
      cleanPeakBytes: cleanPeak?.bytes ?? null,
      cleanPeakRun: cleanPeak?.runId ?? null,
      cleanPeakAt: cleanPeak?.at ?? null,
      killedAtBytes: killedAt?.bytes ?? null,
      killedAtRun: killedAt?.runId ?? null,
      killedAtAt: killedAt?.at ?? null,
      pinnedBytes: pinned?.bytes ?? null,
      pinnedRun: pinned?.runId ?? null,
      pinnedAt: pinned?.at ?? null,
    });
  }

  /** False when nothing was known. */
  delete(key: string): boolean {
    return this.#delete.run(key).changes === 1;
  }

  /** By key. */
  list({
    prefix = "",
    limit,
  }: {
    readonly prefix?: string;
    readonly limit: number;
  }): Calibration[] {
    return this.#list.all(prefix, prefix + lastCharacter, limit).map(toCalibration);
  }

  /** By key. */
  all(): Calibration[] {
    return this.#all.all().map(toCalibration);
  }
}

function toCalibration(row: CalibrationColumns): Calibration {
  const { key, successes, kills, rejected, lastSeenAt } = row;
  return present({
    key,
    successes,
    kills,
    rejected,
    lastSeenAt,
    cleanPeak: evidence(row.cleanPeakBytes, row.cleanPeakRun, row.cleanPeakAt),
    killedAt: evidence(row.killedAtBytes, row.killedAtRun, row.killedAtAt),
    pinned: evidence(row.pinnedBytes, row.pinnedRun, row.pinnedAt),
  });
}

function evidence(bytes: number | null, runId: string | null, at: number | null): Evidence | null {
  return bytes === null || runId === null || at === null ? null : { bytes, runId, at };
}
