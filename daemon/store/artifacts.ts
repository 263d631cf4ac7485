import type { Database } from "better-sqlite3";
import type { Artifact } from "../domain/artifact.ts";
import type { RunId } from "../domain/ids.ts";
import { going } from "./step-lists.ts";

/** An artifact that is stored. Times are epoch ms. */
export interface ArtifactRow extends Artifact {
  readonly createdAt: number;
  readonly lastUsedAt: number;
}

interface LivePlan {
  readonly runId: RunId;
  /** Its JSON text. */
  readonly plan: string | null;
}

interface OpenKey {
  readonly runId: RunId;
  readonly step: string;
  /** The JSON text of its key's parts. */
  readonly parts: string | null;
}

const columns = "digest, bytes, files, created_at AS createdAt, last_used_at AS lastUsedAt";
/** A run that may still read what its steps wrote, or whose artifacts are to stay. */
const needsItsArtifacts = "(runs.state IN ('queued', 'running') OR runs.pinned = 1)";

/** Every artifact there is; the content is in the artifact directory. */
export class ArtifactsTable {
  readonly #put;
  readonly #get;
  readonly #touch;
  readonly #delete;
  readonly #byPrefix;
  readonly #leastUsed;
  readonly #writer;
  readonly #reader;
  readonly #element;
  readonly #livePlans;
  readonly #openKeys;

  constructor(database: Database) {
    this.#put = database.prepare<[Artifact & { readonly at: number }]>(
      `INSERT INTO artifacts (digest, bytes, files, created_at, last_used_at)
       VALUES (@digest, @bytes, @files, @at, @at)
       ON CONFLICT (digest) DO UPDATE SET last_used_at = max(last_used_at, excluded.last_used_at)`,
    );
    this.#get = database.prepare<[string], ArtifactRow>(
      `SELECT ${columns} FROM artifacts WHERE digest = ?`,
    );
    this.#touch = database.prepare<[number, string]>(
      "UPDATE artifacts SET last_used_at = max(last_used_at, ?) WHERE digest = ?",
    );
    this.#delete = database.prepare<[string]>("DELETE FROM artifacts WHERE digest = ?");
    this.#byPrefix = database.prepare<[string, string, number], ArtifactRow>(
      `SELECT ${columns} FROM artifacts WHERE digest >= ? AND digest < ? ORDER BY digest LIMIT ?`,
    );
    this.#leastUsed = database.prepare<[number, string, number], ArtifactRow>(
      `SELECT ${columns} FROM artifacts WHERE (last_used_at, digest) > (?, ?)
       ORDER BY last_used_at, digest LIMIT ?`,
    );
    this.#writer = database.prepare<[string], { runId: RunId }>(
      `SELECT run_id AS runId FROM steps JOIN runs ON runs.id = run_id
       WHERE output_digest = ? AND ${needsItsArtifacts} LIMIT 1`,
    );
    this.#reader = database.prepare<[string], { runId: RunId }>(
      `SELECT run_id AS runId FROM lineage_reads JOIN runs ON runs.id = run_id
       WHERE artifact = ? AND ${needsItsArtifacts} LIMIT 1`,
    );
    this.#element = database.prepare<[string], { runId: RunId }>(
      `SELECT run_id AS runId FROM steps JOIN runs ON runs.id = run_id
       WHERE element_json IS NOT NULL AND element_json ->> '$.artifact' = ? AND ${needsItsArtifacts}
       LIMIT 1`,
    );
    this.#livePlans = database.prepare<["queued" | "running", string, number], LivePlan>(
      `SELECT id AS runId, CASE WHEN instr(plan_json, '"artifact":"') > 0 THEN plan_json END AS plan
       FROM runs JOIN plans ON plans.digest = plan_digest
       WHERE state = ? AND id > ? ORDER BY id LIMIT ?`,
    );
    this.#openKeys = database.prepare<[string, string, string, number], OpenKey>(
      `SELECT run_id AS runId, name AS step, key_parts_json AS parts FROM steps INDEXED BY steps_going
       WHERE ${going} AND state = ? AND (run_id, name) > (?, ?) ORDER BY run_id, name LIMIT ?`,
    );
  }

  /** Puts an artifact on record, or notes that it was made or used once more. */
  put({ digest, bytes, files }: Artifact, at: number): void {
    this.#put.run({ digest, bytes, files, at });
  }

  get(digest: string): ArtifactRow | undefined {
    return this.#get.get(digest);
  }

  /** Notes that it was used. */
  touch(digest: string, at: number): void {
    this.#touch.run(at, digest);
  }

  /** Forgets it, and with it every cached result that it is. False when it was not there. */
  delete(digest: string): boolean {
    return this.#delete.run(digest).changes === 1;
  }

  /** Those whose digest begins so, by digest. `prefix` is lower-case hex. */
  byPrefix(prefix: string, limit: number): ArtifactRow[] {
    // Sorts after every digit of a digest.
    return this.#byPrefix.all(prefix, `${prefix}g`, limit);
  }

  /** A page of all of them, the one longest not used first, after this one. */
  leastUsed(limit: number, after?: Pick<ArtifactRow, "lastUsedAt" | "digest">): ArtifactRow[] {
    return this.#leastUsed.all(after?.lastUsedAt ?? -1, after?.digest ?? "", limit);
  }

  /** A live or pinned run that wrote it, read it or works on it; undefined when none does. */
  neededBy(digest: string): RunId | undefined {
    const found = this.#writer.get(digest) ?? this.#reader.get(digest) ?? this.#element.get(digest);
    return found?.runId;
  }

  /** A page of the live runs after this one, each with its plan where that may name an artifact. */
  livePlans(state: "queued" | "running", after: string, limit: number): LivePlan[] {
    return this.#livePlans.all(state, after, limit);
  }

  /** A page of the steps in this state after that one, with what their inputs are known to be. */
  openKeys(
    state: "ready" | "running",
    after: { readonly runId: string; readonly step: string },
    limit: number,
  ): OpenKey[] {
    return this.#openKeys.all(state, after.runId, after.step, limit);
  }
}
