import type { Database, Statement } from "better-sqlite3";
import { exitCodeOf } from "../domain/exit-code.ts";
import type { RunId } from "../domain/ids.ts";
import { graphOf } from "../domain/plan-graph.ts";
import { elementStep, type Element, type Plan, type Step } from "../domain/plan.ts";
import { isFinal, runSources, runStates, type RunEnd, type RunState } from "../domain/run.ts";
import { fromJson, toJson, type JsonText } from "./json-column.ts";
import { RunLists, type RunFilter } from "./run-lists.ts";
import { runColumns, toRun, type RunColumns, type RunRow } from "./run-row.ts";
import { SharedTexts } from "./shared-texts.ts";
import { inList } from "./sql.ts";

export type { RunFilter } from "./run-lists.ts";
export type { RunRow } from "./run-row.ts";

interface Move {
  readonly id: RunId;
  readonly at: number;
  readonly end: JsonText<RunEnd> | null;
  readonly exitCode: number | null;
}

/** Runs, with the plans and environments they share. */
export class RunsTable {
  readonly #texts: SharedTexts;
  readonly #lists: RunLists;
  readonly #insert;
  readonly #get;
  readonly #byDedupeKey;
  readonly #newest;
  readonly #setCancelReason;
  readonly #counts;
  readonly #element;
  readonly #moves: ReadonlyMap<RunState, Statement<[Move]>>;

  constructor(database: Database) {
    this.#texts = new SharedTexts(database);
    this.#lists = new RunLists(database);
    this.#insert = database.prepare<[object]>(
      `INSERT INTO runs (id, name, state, plan_digest, environment_digest, priority, dedupe_key,
         body_digest, retried_from, created_at, started_at, ended_at, end_json, exit_code, cancel_reason, fail_fast, pinned,
         notify_json)
       VALUES (@id, @name, @state, @planDigest, @environmentDigest, @priority, @dedupeKey, @bodyDigest,
         @retriedFrom, @createdAt, @startedAt, @endedAt, @end, @exitCode, @cancelReason, @failFast, @pinned,
         @notify)`,
    );
    this.#get = database.prepare<[RunId], RunColumns>(
      `SELECT ${runColumns} FROM runs WHERE id = ?`,
    );
    this.#byDedupeKey = database.prepare<[string], RunColumns>(
      `SELECT ${runColumns} FROM runs WHERE dedupe_key = ?`,
    );
    this.#newest = database.prepare<[], RunColumns>(
      `SELECT ${runColumns} FROM runs WHERE id = (SELECT max(id) FROM runs)`,
    );
    this.#setCancelReason = database.prepare<[string, RunId]>(
      "UPDATE runs SET cancel_reason = ? WHERE id = ?",
    );
    this.#element = database.prepare<[RunId, string], { parent: string; text: JsonText<Element> }>(
      `SELECT parent, element_json AS text FROM steps
       WHERE run_id = ? AND name = ? AND element_json IS NOT NULL`,
    );
    this.#counts = database.prepare<[], { queued: number; running: number; ended: number }>(
      `SELECT sum(amount) FILTER (WHERE name = 'runs.queued') AS queued,
         sum(amount) FILTER (WHERE name = 'runs.running') AS running,
         sum(amount) FILTER (WHERE name NOT IN ('runs.queued', 'runs.running')) AS ended
       FROM counts WHERE name <> 'ready_steps'`,
    );
    this.#moves = new Map(runStates.map((to) => [to, prepareMove(database, to)]));
  }

  /** Stores a run; its plan and environment are kept once per digest. */
  insert(row: RunRow, plan: Plan, environment: Readonly<Record<string, string>>): void {
    this.#texts.keepPlan(row.planDigest, plan);
    this.#texts.keepEnvironment(row.environmentDigest, environment);
    this.#insert.run({
      dedupeKey: null,
      retriedFrom: null,
      startedAt: null,
      endedAt: null,
      exitCode: null,
      cancelReason: null,
      ...row,
      end: row.end ? toJson(row.end) : null,
      failFast: row.failFast ? 1 : 0,
      pinned: row.pinned ? 1 : 0,
      notify: row.notify ? toJson(row.notify) : null,
    });
  }

  get(id: RunId): RunRow | undefined {
    return toOptionalRun(this.#get.get(id));
  }

  plan(id: RunId): Plan | undefined {
    return this.#texts.planOf(id);
  }

  /** The plan for words about its run: a damaged one gives none, since how the run ended is told all the same. */
  planForWords(id: RunId): Plan | undefined {
    const plan = this.plan(id);
    return Array.isArray(plan?.steps) ? plan : undefined;
  }

  /**
   * A step of a stored plan, or the one that an element of a mapped step is; throws when there is none or
   * the plan cannot be read, which is a bug.
   */
  step(id: RunId, name: string): Step {
    const plan = this.plan(id);
    const steps = plan && graphOf(plan).steps;
    const step = steps?.get(name) ?? this.#elementOf(id, name, steps);
    if (step === undefined) throw new Error(`${id} has no step ${name} in its plan`);
    return step;
  }

  environment(id: RunId): Record<string, string> | undefined {
    return this.#texts.environmentOf(id);
  }

  byDedupeKey(key: string): RunRow | undefined {
    return toOptionalRun(this.#byDedupeKey.get(key));
  }

  newest(): RunRow | undefined {
    return toOptionalRun(this.#newest.get());
  }

  /** Ids that begin so, oldest first; the prefix may leave out `run_`. */
  idsByPrefix(prefix: string, limit: number): RunId[] {
    return this.#lists.idsByPrefix(prefix, limit);
  }

  /** Newest first. */
  idsByName(name: string, limit: number): RunId[] {
    return this.list({ name, limit }).map(({ id }) => id);
  }

  /** Newest first. */
  list(filter: RunFilter): RunRow[] {
    return this.#lists.list(filter);
  }

  /** Runs that have not ended, oldest first. */
  live(limit: number): RunId[] {
    return this.#lists.live(limit);
  }

  /**
   * Moves a run from a legal source of `to`; false when it is in none of them (a lost race). A final
   * state takes `end` along (none for success) and the exit code, by default the one that end has.
   */
  move(
    id: RunId,
    to: RunState,
    facts: { readonly at: number; readonly end?: RunEnd; readonly exitCode?: number },
  ): boolean {
    const { at, end, exitCode = exitCodeOf(end) } = facts;
    const last = isFinal(to)
      ? { end: end ? toJson(end) : null, exitCode }
      : { end: null, exitCode: null };
    return this.#moves.get(to)?.run({ id, at, ...last }).changes === 1;
  }

  setCancelReason(id: RunId, reason: string): void {
    this.#setCancelReason.run(reason, id);
  }

  /** How many runs there are, read from counters that triggers keep. */
  counts(): { queued: number; running: number; ended: number } {
    return this.#counts.get() ?? { queued: 0, running: 0, ended: 0 };
  }

  #elementOf(
    id: RunId,
    name: string,
    steps: ReadonlyMap<string, Step> | undefined,
  ): Step | undefined {
    const row = this.#element.get(id, name);
    const mapped = row && steps?.get(row.parent);
    return row && mapped && elementStep(mapped, fromJson(row.text));
  }
}

function prepareMove(database: Database, to: RunState): Statement<[Move]> {
  const startedAt = to === "running" ? "coalesce(started_at, @at)" : "started_at";
  // A wall clock that was set back must not make a run end before it began.
  const endedAt = "max(@at, coalesce(started_at, created_at))";
  return database.prepare(
    `UPDATE runs SET state = '${to}', started_at = ${startedAt},
       ended_at = ${isFinal(to) ? endedAt : "NULL"}, end_json = @end, exit_code = @exitCode
     WHERE id = @id AND state IN (${inList(runSources[to])})`,
  );
}

function toOptionalRun(row: RunColumns | undefined): RunRow | undefined {
  return row && toRun(row);
}
