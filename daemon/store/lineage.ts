import type { Database } from "better-sqlite3";
import type { RunId } from "../domain/ids.ts";
import type { LineageRead, LineageWrite } from "../domain/lineage.ts";
import type { StepPlace } from "../domain/run.ts";
import { fromJson, toJson } from "./json-column.ts";
import { present, type Columns } from "./present.ts";

/** A read with who did it. */
export interface ReadRow extends StepPlace, LineageRead {}

/** A write with who did it. */
export interface WriteRow extends StepPlace, LineageWrite {}

/** A write without its facts, which are most of it. */
export type WriteEntry = Omit<WriteRow, "facts">;

type WriteColumns = Columns<LineageWrite, "facts">;

const readColumns = "input, artifact, kind, from_step AS fromStep, from_path AS fromPath";
const entryColumns = "artifact, kind, key, attempt_id AS attemptId, cached_from AS cachedFrom, at";
const placeColumns = "run_id AS runId, step";

/** Which step of which run read and wrote which artifact. */
export class LineageTable {
  readonly #putRead;
  readonly #putWrite;
  readonly #dropReads;
  readonly #reads;
  readonly #write;
  readonly #writesOfRun;
  readonly #firstWriters;
  readonly #firstReaders;
  readonly #readers;
  readonly #writers;
  readonly #byPrefix;

  constructor(database: Database) {
    this.#putRead = database.prepare<[Columns<ReadRow>]>(
      `INSERT OR REPLACE INTO lineage_reads (run_id, step, input, artifact, kind, from_step, from_path)
       VALUES (@runId, @step, @input, @artifact, @kind, @fromStep, @fromPath)`,
    );
    this.#putWrite = database.prepare<[WriteColumns & StepPlace]>(
      `INSERT OR REPLACE INTO lineage_writes (run_id, step, artifact, kind, key, attempt_id, cached_from,
         at, facts_json)
       VALUES (@runId, @step, @artifact, @kind, @key, @attemptId, @cachedFrom, @at, @facts)`,
    );
    this.#dropReads = database.prepare<[StepPlace]>(
      "DELETE FROM lineage_reads WHERE run_id = @runId AND step = @step",
    );
    this.#reads = database.prepare<[StepPlace], Columns<LineageRead>>(
      `SELECT ${readColumns} FROM lineage_reads WHERE run_id = @runId AND step = @step ORDER BY input`,
    );
    this.#write = database.prepare<[StepPlace], WriteColumns>(
      `SELECT ${entryColumns}, facts_json AS facts FROM lineage_writes
       WHERE run_id = @runId AND step = @step`,
    );
    this.#writesOfRun = database.prepare<[RunId], WriteColumns & { step: string }>(
      `SELECT step, ${entryColumns}, facts_json AS facts FROM lineage_writes WHERE run_id = ?
       ORDER BY step`,
    );
    const first = (table: string): string =>
      `SELECT DISTINCT step FROM ${table} WHERE run_id = ? LIMIT 2`;
    this.#firstWriters = database.prepare<[RunId], string>(first("lineage_writes")).pluck();
    this.#firstReaders = database.prepare<[RunId], string>(first("lineage_reads")).pluck();
    this.#readers = database.prepare<[string, number], Columns<ReadRow>>(
      `SELECT ${placeColumns}, ${readColumns} FROM lineage_reads WHERE artifact = ?
       ORDER BY run_id DESC, step DESC, input DESC LIMIT ?`,
    );
    this.#writers = database.prepare<[string, number], Columns<WriteEntry>>(
      `SELECT ${placeColumns}, ${entryColumns} FROM lineage_writes WHERE artifact = ?
       ORDER BY run_id DESC, step DESC LIMIT ?`,
    );
    this.#byPrefix = database.prepare<
      [{ from: string; to: string; limit: number }],
      { digest: string }
    >(
      `SELECT artifact AS digest FROM lineage_writes WHERE artifact >= @from AND artifact < @to
       UNION
       SELECT artifact FROM lineage_reads WHERE artifact >= @from AND artifact < @to
       ORDER BY 1 LIMIT @limit`,
    );
  }

  /** What a step read, all of it: earlier rows of it go. */
  replaceReads(place: StepPlace, reads: readonly LineageRead[]): void {
    this.#dropReads.run(place);
    for (const read of reads)
      this.#putRead.run({ fromStep: null, fromPath: null, ...place, ...read });
  }

  /** What a step wrote; an earlier row of it goes. */
  putWrite(place: StepPlace, write: LineageWrite): void {
    const facts = toJson(write.facts);
    this.#putWrite.run({ attemptId: null, cachedFrom: null, ...place, ...write, facts });
  }

  readsOf(place: StepPlace): LineageRead[] {
    return this.#reads.all(place).map(present);
  }

  writeOf(place: StepPlace): LineageWrite | undefined {
    const row = this.#write.get(place);
    return row && toWrite(row);
  }

  /** What the steps of a run wrote, by step. */
  writesOfRun(runId: RunId): WriteRow[] {
    return this.#writesOfRun.all(runId).map((row) => ({ runId, step: row.step, ...toWrite(row) }));
  }

  /** The step that a run read or wrote with, when there is just one. */
  onlyStepOf(runId: RunId): string | undefined {
    const writers = this.#firstWriters.all(runId);
    const [only, ...others] = writers.length > 0 ? writers : this.#firstReaders.all(runId);
    return others.length === 0 ? only : undefined;
  }

  /** Who read an artifact, the newest runs first. */
  readersOf(artifact: string, limit: number): ReadRow[] {
    return this.#readers.all(artifact, limit).map(present);
  }

  /** Who wrote an artifact, the newest runs first. */
  writersOf(artifact: string, limit: number): WriteEntry[] {
    return this.#writers.all(artifact, limit).map(present);
  }

  /** Digests of artifacts that begin so, in order. */
  digestsByPrefix(prefix: string, limit: number): string[] {
    // "g" follows every digit of hexadecimal.
    return this.#byPrefix
      .all({ from: prefix, to: `${prefix}g`, limit })
      .map(({ digest }) => digest);
  }
}

function toWrite(row: WriteColumns): LineageWrite {
  return present({ ...row, facts: fromJson(row.facts) });
}
