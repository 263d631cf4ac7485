import type { Database, Statement } from "better-sqlite3";
import type { ArtifactUse, Checkpoint, KeyParts } from "../domain/artifact.ts";
import type { RunId } from "../domain/ids.ts";
import { stepSources, stepStates, type RunEnd, type StepState } from "../domain/run.ts";
import { fromJson, toJson, type JsonText } from "./json-column.ts";
import { inList } from "./sql.ts";
import { stepColumns, toStep, type NewStep, type StepColumns, type StepRow } from "./step-row.ts";

export type { NewStep, StepRow } from "./step-row.ts";

/** What is known of a step once nothing more will happen to it. */
export interface StepFinal {
  readonly at: number;
  readonly end?: RunEnd;
  readonly because?: string;
  readonly output?: ArtifactUse;
  readonly cachedFrom?: RunId;
}

/** Budgets that are counted by one. */
const tries = ["failures", "losses", "timeouts", "divergences"] as const;
type Tries = (typeof tries)[number];

const here = "run_id = ? AND name = ?";
/** The states in which a step is neither over nor behind another; said as the index says it, or it is not used. */
const going = inList(["resolving", "ready", "running"]);

/** Steps of runs. */
export class StepsTable {
  readonly #insert;
  readonly #get;
  readonly #of;
  readonly #elementsOf;
  readonly #keyParts;
  readonly #open;
  readonly #resolving;
  readonly #isGoing;
  readonly #isRunning;
  readonly #has;
  readonly #firstEnded;
  readonly #moves: ReadonlyMap<StepState, Statement<[RunId, string]>>;
  readonly #finals: ReadonlyMap<StepState, Statement<[object]>>;
  readonly #endRest;
  readonly #closeNeed;
  readonly #setOpenNeeds;
  readonly #setKey;
  readonly #setCheckpoint;
  readonly #countAttempt;
  readonly #countOomKill;
  readonly #counts: Readonly<Record<Tries, Statement<[RunId, string]>>>;

  constructor(database: Database) {
    this.#insert = database.prepare<[object]>(
      `INSERT INTO steps (run_id, name, state, open_needs, weight, forced, parent, element_json, cache_key,
         output_digest, output_kind, cached_from, because, ended_at, checkpoint_json)
       VALUES (@runId, @name, @state, @openNeeds, @weight, @forced, @parent, @element, @cacheKey,
         @outputDigest, @outputKind, @cachedFrom, @because, @endedAt, @checkpoint)`,
    );
    const select = (rest: string): string => `SELECT ${stepColumns} FROM steps WHERE ${rest}`;
    this.#get = database.prepare<[RunId, string], StepColumns>(select(here));
    this.#of = database.prepare<[RunId], StepColumns>(select("run_id = ? ORDER BY name"));
    // Elements are named after their step: a range of the primary key, where no other question has an index.
    this.#elementsOf = database.prepare<[RunId, string, string, string], StepColumns>(
      select("run_id = ? AND name > ? || '.' AND name < ? || '/' AND parent = ?"),
    );
    this.#keyParts = database.prepare<[RunId, string], { text: JsonText<KeyParts> | null }>(
      `SELECT key_parts_json AS text FROM steps WHERE ${here}`,
    );
    this.#open = database.prepare<[RunId], { name: string; weight: number }>(
      "SELECT name, weight FROM steps WHERE run_id = ? AND state = 'waiting' AND open_needs = 0",
    );
    this.#resolving = database.prepare<[], { runId: RunId; step: string }>(
      `SELECT run_id AS runId, name AS step FROM steps INDEXED BY steps_going
       WHERE state IN (${going}) AND state = 'resolving'`,
    );
    this.#isGoing = database.prepare<[RunId]>(
      `SELECT 1 FROM steps INDEXED BY steps_going WHERE state IN (${going}) AND run_id = ? LIMIT 1`,
    );
    this.#isRunning = database.prepare<[RunId]>(
      `SELECT 1 FROM steps INDEXED BY steps_going
       WHERE state IN (${going}) AND state = 'running' AND run_id = ? LIMIT 1`,
    );
    this.#has = database.prepare<[RunId, StepState]>(
      "SELECT 1 FROM steps WHERE run_id = ? AND state = ? LIMIT 1",
    );
    this.#firstEnded = database.prepare<[RunId, StepState], StepColumns & { first: number | null }>(
      `SELECT ${stepColumns}, min(ended_at) AS first FROM steps
       WHERE run_id = ? AND state = ? AND end_json IS NOT NULL`,
    );
    const reachable = stepStates.filter((to) => stepSources[to].length > 0);
    const guard = (to: StepState): string => `state IN (${inList(stepSources[to])})`;
    this.#moves = new Map(
      reachable.map((to) => [
        to,
        database.prepare<[RunId, string]>(
          `UPDATE steps SET state = '${to}' WHERE ${here} AND ${guard(to)}`,
        ),
      ]),
    );
    this.#finals = new Map(
      reachable.map((to) => [
        to,
        database.prepare<[object]>(
          `UPDATE steps SET state = '${to}', ended_at = @at, end_json = @end, because = @because,
             output_digest = @outputDigest, output_kind = @outputKind, cached_from = @cachedFrom
           WHERE run_id = @runId AND name = @name AND ${guard(to)}`,
        ),
      ]),
    );
    this.#endRest = database.prepare<[StepState, number, string | null, RunId]>(
      `UPDATE steps SET state = ?, ended_at = ?, because = ?
       WHERE run_id = ? AND (state IN ('waiting', 'resolving', 'ready') OR (state = 'running'
         AND NOT EXISTS (SELECT 1 FROM attempts
           WHERE run_id = steps.run_id AND step = steps.name AND state <> 'ended')))`,
    );
    this.#closeNeed = database.prepare<[RunId, string], { openNeeds: number; state: StepState }>(
      `UPDATE steps SET open_needs = open_needs - 1 WHERE ${here}
       RETURNING open_needs AS openNeeds, state`,
    );
    this.#setOpenNeeds = database.prepare<[number, RunId, string]>(
      `UPDATE steps SET open_needs = ? WHERE ${here}`,
    );
    this.#setKey = database.prepare<[string, JsonText<KeyParts>, RunId, string]>(
      `UPDATE steps SET cache_key = ?, key_parts_json = ? WHERE ${here}`,
    );
    this.#setCheckpoint = database.prepare<[JsonText<Checkpoint>, RunId, string]>(
      `UPDATE steps SET checkpoint_json = ? WHERE ${here}`,
    );
    this.#countAttempt = database.prepare<[RunId, string], { attempts: number }>(
      `UPDATE steps SET attempts = attempts + 1 WHERE ${here} RETURNING attempts`,
    );
    this.#countOomKill = database.prepare<[number, RunId, string]>(
      `UPDATE steps SET oom_kills = oom_kills + 1, killed_at_bytes = max(ifnull(killed_at_bytes, 0), ?)
       WHERE ${here}`,
    );
    const counter = (column: Tries): Statement<[RunId, string]> =>
      database.prepare(`UPDATE steps SET ${column} = ${column} + 1 WHERE ${here}`);
    this.#counts = {
      failures: counter("failures"),
      losses: counter("losses"),
      timeouts: counter("timeouts"),
      divergences: counter("divergences"),
    };
  }

  insert(runId: RunId, name: string, state: StepState, more: NewStep = {}): void {
    const { element, checkpoint, output, forced = false, ...rest } = more;
    this.#insert.run({
      openNeeds: 0,
      weight: 1,
      parent: null,
      cacheKey: null,
      cachedFrom: null,
      because: null,
      endedAt: null,
      ...rest,
      runId,
      name,
      state,
      forced: forced ? 1 : 0,
      element: element === undefined ? null : toJson(element),
      checkpoint: checkpoint === undefined ? null : toJson(checkpoint),
      outputDigest: output?.digest ?? null,
      outputKind: output?.kind ?? null,
    });
  }

  get(runId: RunId, name: string): StepRow | undefined {
    const row = this.#get.get(runId, name);
    return row && toStep(row);
  }

  /** All steps of a run, by name; their order is the plan's affair. */
  of(runId: RunId): StepRow[] {
    return this.#of.all(runId).map(toStep);
  }

  /** The elements of a mapped step, by their place in the list. */
  elementsOf(runId: RunId, parent: string): StepRow[] {
    const rows = this.#elementsOf.all(runId, parent, parent, parent).map(toStep);
    return rows.sort((a, b) => (a.element?.index ?? 0) - (b.element?.index ?? 0));
  }

  /** What a step's result depends on; undefined before it was resolved. */
  keyParts(runId: RunId, name: string): KeyParts | undefined {
    const text = this.#keyParts.get(runId, name)?.text;
    return text === null || text === undefined ? undefined : fromJson(text);
  }

  /** Names of the waiting steps that need nothing any more, the heaviest first. */
  open(runId: RunId): string[] {
    const rows = this.#open.all(runId).sort((a, b) => b.weight - a.weight);
    return rows.map(({ name }) => name);
  }

  /** Every step whose result was being looked for, whatever its run. */
  resolving(): { runId: RunId; step: string }[] {
    return this.#resolving.all();
  }

  /** Whether any step of a run is being resolved, ready or running. */
  isGoing(runId: RunId): boolean {
    return this.#isGoing.get(runId) !== undefined;
  }

  isRunning(runId: RunId): boolean {
    return this.#isRunning.get(runId) !== undefined;
  }

  /** Whether any step of a run is in this state. */
  has(runId: RunId, state: StepState): boolean {
    return this.#has.get(runId, state) !== undefined;
  }

  /** The step that came to this bad end first, of those that have one of their own. */
  firstEnded(runId: RunId, state: "failed" | "cancelled" | "pruned"): StepRow | undefined {
    const row = this.#firstEnded.get(runId, state);
    if (row === undefined || row.first === null) return undefined;
    const { first: _first, ...columns } = row;
    return toStep(columns);
  }

  /** Moves a step from a legal source of `to`; false when it is in none of them (a lost race). */
  move(runId: RunId, name: string, to: StepState): boolean {
    return this.#moves.get(to)?.run(runId, name).changes === 1;
  }

  /** Moves a step to a final state, with what it came to; false when it is not in a legal source of it. */
  finish(runId: RunId, name: string, to: StepState, final: StepFinal): boolean {
    const { at, end, because = null, output, cachedFrom = null } = final;
    const columns = {
      ...{ runId, name, at, because, cachedFrom },
      end: end === undefined ? null : toJson(end),
      outputDigest: output?.digest ?? null,
      outputKind: output?.kind ?? null,
    };
    return this.#finals.get(to)?.run(columns).changes === 1;
  }

  /** Ends every step of a run that has no live attempt and is not over, in one stroke. */
  endRest(
    runId: RunId,
    to: "cancelled" | "skipped",
    { at, because = null }: { readonly at: number; readonly because?: string | null },
  ): void {
    this.#endRest.run(to, at, because, runId);
  }

  /** One thing less that a step waits for; gives how many are left, and its state. */
  closeNeed(runId: RunId, name: string): { openNeeds: number; state: StepState } {
    const row = this.#closeNeed.get(runId, name);
    if (row === undefined) throw new Error(`no step ${name} in ${runId}`);
    return row;
  }

  setOpenNeeds(runId: RunId, name: string, openNeeds: number): void {
    this.#setOpenNeeds.run(openNeeds, runId, name);
  }

  setKey(runId: RunId, name: string, key: string, parts: KeyParts): void {
    this.#setKey.run(key, toJson(parts), runId, name);
  }

  /** The newest good checkpoint of a step. */
  setCheckpoint(runId: RunId, name: string, checkpoint: Checkpoint): void {
    this.#setCheckpoint.run(toJson(checkpoint), runId, name);
  }

  /** Counts one more attempt and gives its number, from 1. */
  countAttempt(runId: RunId, name: string): number {
    const row = this.#countAttempt.get(runId, name);
    if (row === undefined) throw new Error(`no step ${name} in ${runId}`);
    return row.attempts;
  }

  /** Counts a kill at this limit, and keeps the largest of them. */
  countOomKill(runId: RunId, name: string, limitBytes: number): void {
    this.#countOomKill.run(limitBytes, runId, name);
  }

  /** Counts one more try of a budget as spent. */
  count(runId: RunId, name: string, budget: Tries): void {
    this.#counts[budget].run(runId, name);
  }
}
