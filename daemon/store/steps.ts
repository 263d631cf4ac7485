import type { Database, Statement } from "better-sqlite3";
import type { Checkpoint, KeyParts } from "../domain/artifact.ts";
import type { RunId } from "../domain/ids.ts";
import type { StepState } from "../domain/run.ts";
import { fromJson, toJson, type JsonText } from "./json-column.ts";
import { StepLists } from "./step-lists.ts";
import { StepMoves, type StepFinal } from "./step-moves.ts";
import { stepColumns, toStep, type NewStep, type StepColumns, type StepRow } from "./step-row.ts";

export type { NewStep, StepRow } from "./step-row.ts";

/** Budgets that are counted by one. */
type Tries = "failures" | "losses" | "timeouts" | "divergences";

const here = "run_id = ? AND name = ?";

/** Steps of runs. */
export class StepsTable {
  readonly #lists: StepLists;
  readonly #moves: StepMoves;
  readonly #insert;
  readonly #insertWaiting;
  readonly #get;
  readonly #keyParts;
  readonly #closeNeed;
  readonly #setOpenNeeds;
  readonly #setKey;
  readonly #setCheckpoint;
  readonly #countAttempt;
  readonly #countOomKill;
  readonly #counts: Readonly<Record<Tries, Statement<[RunId, string]>>>;

  constructor(database: Database) {
    this.#lists = new StepLists(database);
    this.#moves = new StepMoves(database);
    this.#insert = database.prepare<[object]>(
      `INSERT INTO steps (run_id, name, state, open_needs, weight, forced, parent, element_json, cache_key,
         output_digest, output_kind, cached_from, because, ended_at, checkpoint_json)
       VALUES (@runId, @name, @state, @openNeeds, @weight, @forced, @parent, @element, @cacheKey,
         @outputDigest, @outputKind, @cachedFrom, @because, @endedAt, @checkpoint)`,
    );
    this.#insertWaiting = database.prepare<[RunId, string, number, number]>(
      `INSERT INTO steps (run_id, name, state, open_needs, weight) VALUES (?, ?, 'waiting', ?, ?)`,
    );
    this.#get = database.prepare<[RunId, string], StepColumns>(
      `SELECT ${stepColumns} FROM steps WHERE ${here}`,
    );
    this.#keyParts = database.prepare<[RunId, string], { text: JsonText<KeyParts> | null }>(
      `SELECT key_parts_json AS text FROM steps WHERE ${here}`,
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
      `UPDATE steps SET checkpoint_json = ?, losses = 0 WHERE ${here}`,
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
      ...{ openNeeds: 0, weight: 1, parent: null, cacheKey: null },
      ...{ cachedFrom: null, because: null, endedAt: null },
      ...rest,
      ...{ runId, name, state },
      forced: forced ? 1 : 0,
      element: element === undefined ? null : toJson(element),
      checkpoint: checkpoint === undefined ? null : toJson(checkpoint),
      outputDigest: output?.digest ?? null,
      outputKind: output?.kind ?? null,
    });
  }

  /** A step that waits for so many others, as nearly all begin. */
  insertWaiting(runId: RunId, name: string, openNeeds: number, weight: number): void {
    this.#insertWaiting.run(runId, name, openNeeds, weight);
  }

  get(runId: RunId, name: string): StepRow | undefined {
    const row = this.#get.get(runId, name);
    return row && toStep(row);
  }

  /** All steps of a run, by name; their order is the plan's affair. */
  of(runId: RunId): StepRow[] {
    return this.#lists.of(runId);
  }

  /** The elements of a mapped step, by their place in the list. */
  elementsOf(runId: RunId, parent: string): StepRow[] {
    return this.#lists.elementsOf(runId, parent);
  }

  /** What a step's result depends on; undefined before it was resolved. */
  keyParts(runId: RunId, name: string): KeyParts | undefined {
    const text = this.#keyParts.get(runId, name)?.text;
    return text === null || text === undefined ? undefined : fromJson(text);
  }

  /** Names of the waiting steps that need nothing any more, the heaviest first. */
  open(runId: RunId): string[] {
    return this.#lists.open(runId);
  }

  /** Every step whose result was being looked for, whatever its run. */
  resolving(): { runId: RunId; step: string }[] {
    return this.#lists.resolving();
  }

  /** Every step whose work is under way or about to be, with its key. */
  keyed(): { runId: RunId; step: string; key: string }[] {
    return this.#lists.keyed();
  }

  /** Whether any step of a run is being resolved, ready or running. */
  isGoing(runId: RunId): boolean {
    return this.#lists.isGoing(runId);
  }

  isRunning(runId: RunId): boolean {
    return this.#lists.isRunning(runId);
  }

  /** Names of steps that do not run yet, at most so many. */
  pending(runId: RunId, limit: number): string[] {
    return this.#lists.pending(runId, limit);
  }

  /** How often that step of a run was tried which was tried most. */
  mostTries(runId: RunId): number {
    return this.#lists.mostTries(runId);
  }

  /** Whether any step of a run is in this state. */
  has(runId: RunId, state: StepState): boolean {
    return this.#lists.has(runId, state);
  }

  /** The step that came to this bad end first, of those that have one of their own. */
  firstEnded(runId: RunId, state: "failed" | "cancelled" | "pruned"): StepRow | undefined {
    const name = this.#lists.firstEnded(runId, state);
    return name === undefined ? undefined : this.get(runId, name);
  }

  /** Moves a step from a legal source of `to`; false when it is in none of them (a lost race). */
  move(runId: RunId, name: string, to: StepState): boolean {
    return this.#moves.move(runId, name, to);
  }

  /** Moves a step to a final state, with what it came to; false when it is not in a legal source of it. */
  finish(runId: RunId, name: string, to: StepState, final: StepFinal): boolean {
    return this.#moves.finish(runId, name, to, final);
  }

  /** Ends every step of a run that has no live attempt and is not over, in one stroke. */
  endRest(
    runId: RunId,
    to: "cancelled" | "skipped",
    { at, because }: { readonly at: number; readonly because?: string },
  ): void {
    this.#moves.endRest(runId, to, at, because ?? null);
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

  /** The newest good checkpoint of a step. It has come further, so losses before it no longer count. */
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
