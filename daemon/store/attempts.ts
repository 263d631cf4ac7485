import type { Database } from "better-sqlite3";
import {
  attemptSources,
  type AttemptState,
  type Outcome,
  type Peaks,
  type StopCause,
  type StopFacts,
} from "../domain/attempt.ts";
import type { LimitOrigin } from "../domain/footprint.ts";
import type { Containment } from "../domain/host.ts";
import type { AttemptId, RunId } from "../domain/ids.ts";
import { fromJson, toJson, type JsonText } from "./json-column.ts";
import { present, type Columns } from "./present.ts";
import { inList } from "./sql.ts";

/** One try at a step. Times are epoch ms; `endedAt`, `outcome` and `peaks` come with the end. */
export interface AttemptRow {
  readonly id: AttemptId;
  readonly runId: RunId;
  readonly step: string;
  /** From 1, within the step. */
  readonly number: number;
  readonly state: AttemptState;
  readonly containment: Containment;
  readonly bootId: string;
  /** Absolute path of the attempt's own directory. */
  readonly directory: string;
  readonly limitBytes: number;
  readonly limitOrigin: LimitOrigin;
  readonly stopCause?: StopCause;
  /** Of the causes `stalled` and `diverged`. */
  readonly stopFacts?: StopFacts;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly outcome?: Outcome;
  readonly peaks?: Peaks;
}

type AttemptColumns = Columns<AttemptRow, "limitOrigin" | "stopFacts" | "outcome" | "peaks">;

const columns = `id, run_id AS runId, step, number, state, containment, boot_id AS bootId, directory,
  limit_bytes AS limitBytes, limit_origin_json AS limitOrigin, stop_cause AS stopCause,
  stop_facts_json AS stopFacts,  created_at AS createdAt, started_at AS startedAt, ended_at AS endedAt, outcome_json AS outcome,
  peaks_json AS peaks`;

const newestIdSetting = "newest-id";

/** Attempts at steps. */
export class AttemptsTable {
  readonly #insert;
  readonly #get;
  readonly #ofRun;
  readonly #ofRunAfter;
  readonly #ofStep;
  readonly #newestOfRun;
  readonly #newestOfStep;
  readonly #newestLiveOf;
  readonly #live;
  readonly #started;
  readonly #ended;
  readonly #stop;
  readonly #newestIdBody;
  readonly #keepNewestId;

  constructor(database: Database) {
    this.#insert = database.prepare<[object]>(
      `INSERT INTO attempts (id, run_id, step, number, state, containment, boot_id, directory, limit_bytes,
         limit_origin_json, stop_cause, stop_facts_json, created_at, started_at, ended_at, outcome_json, peaks_json)
       VALUES (@id, @runId, @step, @number, @state, @containment, @bootId, @directory, @limitBytes,
         @limitOrigin, @stopCause, @stopFacts, @createdAt, @startedAt, @endedAt, @outcome, @peaks)`,
    );
    const select = (rest: string): string => `SELECT ${columns} FROM attempts WHERE ${rest}`;
    this.#get = database.prepare<[AttemptId], AttemptColumns>(select("id = ?"));
    this.#ofRun = database.prepare<[RunId], AttemptColumns>(select("run_id = ? ORDER BY id"));
    this.#ofRunAfter = database.prepare<[RunId, string, number], AttemptColumns>(
      select("run_id = ? AND id > ? ORDER BY id LIMIT ?"),
    );
    this.#ofStep = database.prepare<[RunId, string], AttemptColumns>(
      select("run_id = ? AND step = ? ORDER BY number"),
    );
    this.#newestOfRun = database.prepare<[RunId], AttemptColumns>(
      select("run_id = ? ORDER BY id DESC LIMIT 1"),
    );
    this.#newestOfStep = database.prepare<[RunId, string], AttemptColumns>(
      select("run_id = ? AND step = ? ORDER BY number DESC LIMIT 1"),
    );
    this.#newestLiveOf = database.prepare<[RunId], AttemptColumns>(
      // Ordered by id, it would walk through all that have ended before it found that there is none.
      select(
        `id = (SELECT max(id) FROM attempts INDEXED BY attempts_one_live
           WHERE run_id = ? AND state <> 'ended')`,
      ),
    );
    this.#live = database.prepare<[], AttemptColumns>(select("state <> 'ended'"));
    this.#started = database.prepare<[number, AttemptId]>(
      `UPDATE attempts SET state = 'running', started_at = ?
       WHERE id = ? AND state IN (${inList(attemptSources.running)})`,
    );
    this.#ended = database.prepare<[number, JsonText<Outcome>, JsonText<Peaks>, AttemptId]>(
      `UPDATE attempts SET state = 'ended', ended_at = max(?, coalesce(started_at, created_at)),
         outcome_json = ?, peaks_json = ?
       WHERE id = ? AND state IN (${inList(attemptSources.ended)})`,
    );
    this.#stop = database.prepare<[StopCause, JsonText<StopFacts> | null, AttemptId, StopCause]>(
      `UPDATE attempts SET stop_cause = ?, stop_facts_json = ?
       WHERE id = ? AND state <> 'ended' AND ifnull(stop_cause, 'soft-timeout') = 'soft-timeout'
         AND stop_cause IS NOT ?`,
    );
    this.#newestIdBody = database.prepare<[], { body: string | null }>(
      `SELECT nullif(max(substr(ifnull((SELECT max(id) FROM runs), ''), 5),
         substr(ifnull((SELECT max(id) FROM attempts), ''), 5),
         ifnull((SELECT value_json ->> '$' FROM settings WHERE name = '${newestIdSetting}'), '')), '') AS body`,
    );
    this.#keepNewestId = database.prepare<[JsonText<string>]>(
      `INSERT OR REPLACE INTO settings (name, value_json) VALUES ('${newestIdSetting}', ?)`,
    );
  }

  insert(row: AttemptRow): void {
    this.#insert.run({
      stopCause: null,
      startedAt: null,
      endedAt: null,
      ...row,
      limitOrigin: toJson(row.limitOrigin),
      stopFacts: row.stopFacts ? toJson(row.stopFacts) : null,
      outcome: row.outcome ? toJson(row.outcome) : null,
      peaks: row.peaks ? toJson(row.peaks) : null,
    });
  }

  get(id: AttemptId): AttemptRow | undefined {
    return toOptionalAttempt(this.#get.get(id));
  }

  /** Oldest first. */
  ofRun(runId: RunId): AttemptRow[] {
    return this.#ofRun.all(runId).map(toAttempt);
  }

  /** A page of them: those that are younger than this one. */
  ofRunAfter(runId: RunId, after: AttemptId | "", limit: number): AttemptRow[] {
    return this.#ofRunAfter.all(runId, after, limit).map(toAttempt);
  }

  /** Oldest first. */
  ofStep(runId: RunId, step: string): AttemptRow[] {
    return this.#ofStep.all(runId, step).map(toAttempt);
  }

  /** The newest attempt of a run, or of one of its steps. */
  newestOf(runId: RunId, step?: string): AttemptRow | undefined {
    return toOptionalAttempt(
      step === undefined ? this.#newestOfRun.get(runId) : this.#newestOfStep.get(runId, step),
    );
  }

  /** The newest attempt of a run that has not ended. */
  newestLiveOf(runId: RunId): AttemptRow | undefined {
    return toOptionalAttempt(this.#newestLiveOf.get(runId));
  }

  /** Every attempt that has not ended. */
  live(): AttemptRow[] {
    return this.#live.all().map(toAttempt);
  }

  /** False when it is not starting any more. */
  started(id: AttemptId, at: number): boolean {
    return this.#started.run(at, id).changes === 1;
  }

  /** False when it had ended before: an end is recorded once. */
  ended(id: AttemptId, end: { at: number; outcome: Outcome; peaks: Peaks }): boolean {
    return this.#ended.run(end.at, toJson(end.outcome), toJson(end.peaks), id).changes === 1;
  }

  /** Records why it is asked to stop, a warning or not; false when an earlier cause stands or it has ended. */
  stop(id: AttemptId, cause: StopCause, facts?: StopFacts): boolean {
    const stored = facts === undefined ? null : toJson(facts);
    return this.#stop.run(cause, stored, id, cause).changes === 1;
  }

  /** Within a change that takes runs: the largest id is still known when its run is gone. */
  keepNewestId(): void {
    const body = this.newestIdBody();
    if (body !== undefined) this.#keepNewestId.run(toJson(body));
  }

  /** The largest 12-character id body of runs and attempts that ever were; undefined in a new store. */
  newestIdBody(): string | undefined {
    return this.#newestIdBody.get()?.body ?? undefined;
  }
}

function toOptionalAttempt(row: AttemptColumns | undefined): AttemptRow | undefined {
  return row && toAttempt(row);
}

function toAttempt(row: AttemptColumns): AttemptRow {
  return present({
    ...row,
    limitOrigin: fromJson(row.limitOrigin),
    stopFacts: row.stopFacts === null ? null : fromJson(row.stopFacts),
    outcome: row.outcome === null ? null : fromJson(row.outcome),
    peaks: row.peaks === null ? null : fromJson(row.peaks),
  });
}
