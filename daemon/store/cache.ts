import type { Database } from "better-sqlite3";
import type { KeyParts } from "../domain/artifact.ts";
import type { RunId } from "../domain/ids.ts";
import { fromJson, toJson } from "./json-column.ts";
import type { Columns } from "./present.ts";

/** A result that stands in for doing the same work again. Times are epoch ms. */
export interface CacheEntry {
  /** Digest of `parts`. */
  readonly key: string;
  /** Digest of what came of it; it is on record. */
  readonly artifact: string;
  readonly kind: string;
  /** Recipe and step: what a miss is compared with. */
  readonly stepLabel: string;
  readonly parts: KeyParts;
  /** Who made it. */
  readonly runId: RunId;
  readonly step: string;
  /** How long the work took; what a hit saves. */
  readonly tookMs: number;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly hits: number;
}

/** A result as it is put in. */
export type NewCacheEntry = Omit<CacheEntry, "lastUsedAt" | "hits">;

/** The cache in figures; `hits` and `savedMs` are of all time, forgotten entries included. */
export interface CacheTotals {
  readonly artifacts: number;
  /** Every artifact counted whole, whatever it shares with others. */
  readonly bytes: number;
  readonly entries: number;
  readonly hits: number;
  readonly savedMs: number;
}

type CacheColumns = Columns<CacheEntry, "parts">;

const columns = `key, artifact, kind, step_label AS stepLabel, parts_json AS parts, run_id AS runId,
  step, took_ms AS tookMs, created_at AS createdAt, last_used_at AS lastUsedAt, hits`;

/** Results by what decided them. */
export class CacheTable {
  readonly #get;
  readonly #put;
  readonly #hit;
  readonly #newestOf;
  readonly #ofArtifact;
  readonly #totals;

  constructor(database: Database) {
    this.#get = database.prepare<[string], CacheColumns>(
      `SELECT ${columns} FROM cache_entries WHERE key = ?`,
    );
    this.#put = database.prepare<[Omit<CacheColumns, "lastUsedAt" | "hits">]>(
      `INSERT INTO cache_entries
         (key, artifact, kind, step_label, parts_json, run_id, step, took_ms, created_at, last_used_at)
       VALUES (@key, @artifact, @kind, @stepLabel, @parts, @runId, @step, @tookMs, @createdAt, @createdAt)
       ON CONFLICT (key) DO UPDATE SET artifact = excluded.artifact, kind = excluded.kind,
         step_label = excluded.step_label, run_id = excluded.run_id, step = excluded.step,
         took_ms = excluded.took_ms, created_at = excluded.created_at,
         last_used_at = excluded.last_used_at`,
    );
    this.#hit = database.prepare<[number, string]>(
      "UPDATE cache_entries SET hits = hits + 1, last_used_at = max(last_used_at, ?) WHERE key = ?",
    );
    this.#newestOf = database.prepare<[string, number], CacheColumns>(
      `SELECT ${columns} FROM cache_entries WHERE step_label = ? ORDER BY created_at DESC LIMIT ?`,
    );
    this.#ofArtifact = database.prepare<[string, number], CacheColumns>(
      `SELECT ${columns} FROM cache_entries WHERE artifact = ? LIMIT ?`,
    );
    this.#totals = database.prepare<[], CacheTotals>(
      `SELECT artifacts, artifact_bytes AS bytes, entries, hits, saved_ms AS savedMs
       FROM cache_figures WHERE id = 1`,
    );
  }

  get(key: string): CacheEntry | undefined {
    const row = this.#get.get(key);
    return row && toEntry(row);
  }

  /** Puts a result in, in place of an earlier one of the same key. Its artifact must be on record. */
  put(entry: NewCacheEntry): void {
    const { key, artifact, kind, stepLabel, runId, step, tookMs, createdAt } = entry;
    const parts = toJson(entry.parts);
    this.#put.run({ key, artifact, kind, stepLabel, parts, runId, step, tookMs, createdAt });
  }

  /** Counts one use; the artifact is touched apart. */
  hit(key: string, at: number): void {
    this.#hit.run(at, key);
  }

  /** The newest results of a step, whatever their keys, at most so many: what a miss is compared with. */
  newestOf(stepLabel: string, limit: number): CacheEntry[] {
    return this.#newestOf.all(stepLabel, limit).map(toEntry);
  }

  /** The results that an artifact is, at most so many. */
  ofArtifact(digest: string, limit: number): CacheEntry[] {
    return this.#ofArtifact.all(digest, limit).map(toEntry);
  }

  totals(): CacheTotals {
    const found = this.#totals.get();
    return found ?? { artifacts: 0, bytes: 0, entries: 0, hits: 0, savedMs: 0 };
  }
}

function toEntry(row: CacheColumns): CacheEntry {
  return { ...row, parts: fromJson(row.parts) };
}
