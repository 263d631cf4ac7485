import type { Database } from "better-sqlite3";
import type { RunId } from "../domain/ids.ts";
import type { Claims } from "../domain/plan.ts";
import { fromJson, toJson, type JsonText } from "./json-column.ts";

/** A step that may start as soon as the box has room. */
export interface ReadyRow {
  readonly runId: RunId;
  readonly step: string;
  readonly priority: number;
  /** Steps on the longest way from it to an end of its plan: within a run the critical path goes first. */
  readonly weight: number;
  /** Epoch ms before which it backs off; 0 when it does not. */
  readonly notBeforeAt: number;
  /** Starts that went past it while it was the head of the line. */
  readonly passedOver: number;
}

/** Which of the line are looked at; without it, all that do not back off. */
export interface LineView {
  /** An end of a backoff further away means that the wall clock was set back meanwhile: it has passed. */
  readonly longestBackoffMs?: number;
  /** Steps that claim just this are left out. */
  readonly without?: readonly Claims[];
}

const columns = `run_id AS runId, step, priority, weight, not_before_at AS notBeforeAt,
  passed_over AS passedOver`;

/** The queue: steps by priority, then the age of their run, then the critical path. */
export class ReadyTable {
  readonly #insert;
  readonly #delete;
  readonly #deleteOf;
  readonly #get;
  readonly #head;
  readonly #claims;
  readonly #nextBackoffAt;
  readonly #passOver;
  readonly #aheadOf;
  readonly #count;

  constructor(database: Database) {
    this.#insert = database.prepare<[ReadyRow & { claims: string }]>(
      `INSERT INTO ready_steps (run_id, step, priority, weight, not_before_at, passed_over, claims)
       VALUES (@runId, @step, @priority, @weight, @notBeforeAt, @passedOver, @claims)`,
    );
    this.#delete = database.prepare<[RunId, string]>(
      "DELETE FROM ready_steps WHERE run_id = ? AND step = ?",
    );
    this.#deleteOf = database.prepare<[RunId]>("DELETE FROM ready_steps WHERE run_id = ?");
    this.#get = database.prepare<[RunId, string], ReadyRow>(
      `SELECT ${columns} FROM ready_steps WHERE run_id = ? AND step = ?`,
    );
    const line = `FROM ready_steps INDEXED BY ready_steps_order
       WHERE not_before_at NOT BETWEEN ? + 1 AND ?
         AND instr(?, char(10) || claims || char(10)) = 0
       ORDER BY priority DESC, run_id, weight DESC, step LIMIT ?`;
    this.#head = database.prepare<[number, number, string, number], ReadyRow>(
      `SELECT ${columns} ${line}`,
    );
    this.#claims = database
      .prepare<[number, number, string, number], JsonText<Claims> | "">(`SELECT claims ${line}`)
      .pluck();
    this.#nextBackoffAt = database.prepare<[number], { at: number | null }>(
      "SELECT min(not_before_at) AS at FROM ready_steps WHERE not_before_at > 0 AND not_before_at > ?",
    );
    this.#passOver = database.prepare<[RunId, string]>(
      "UPDATE ready_steps SET passed_over = passed_over + 1 WHERE run_id = ? AND step = ?",
    );
    this.#aheadOf = database.prepare<[ReadyRow], { count: number }>(
      `SELECT (SELECT count(*) FROM ready_steps WHERE priority > @priority)
         + (SELECT count(*) FROM ready_steps
            WHERE priority = @priority AND (run_id, -weight, step) < (@runId, -@weight, @step)) AS count`,
    );
    this.#count = database.prepare<[], { amount: number }>(
      "SELECT amount FROM counts WHERE name = 'ready_steps'",
    );
  }

  insert(row: ReadyRow, claims?: Claims): void {
    this.#insert.run({ ...row, claims: textOf(claims) });
  }

  /** False when it was not in the queue. */
  delete(runId: RunId, step: string): boolean {
    return this.#delete.run(runId, step).changes === 1;
  }

  /** Takes every step of a run out of the queue. */
  deleteOf(runId: RunId): void {
    this.#deleteOf.run(runId);
  }

  get(runId: RunId, step: string): ReadyRow | undefined {
    return this.#get.get(runId, step);
  }

  /** The first of the line that do not back off at `now`. */
  head(now: number, limit: number, view: LineView = {}): ReadyRow[] {
    return this.#head.all(...bounds(now, view), limit);
  }

  /** What those claim besides memory: each combination once, and none for those that claim nothing. */
  claimsOfHead(now: number, limit: number, view: LineView = {}): Claims[] {
    const texts = new Set(this.#claims.all(...bounds(now, view), limit));
    return [...texts].flatMap((text) => (text === "" ? [] : fromJson(text)));
  }

  /** When the next backoff after `now` ends. */
  nextBackoffAt(now: number): number | undefined {
    return this.#nextBackoffAt.get(now)?.at ?? undefined;
  }

  passOver(runId: RunId, step: string): void {
    this.#passOver.run(runId, step);
  }

  /** How many stand before it in the line, those that back off too. */
  aheadOf(row: ReadyRow): number {
    return this.#aheadOf.get(row)?.count ?? 0;
  }

  /** Read from a counter that triggers keep. */
  count(): number {
    return this.#count.get()?.amount ?? 0;
  }
}

function bounds(now: number, view: LineView): [number, number, string] {
  const { longestBackoffMs = Infinity, without = [] } = view;
  const latestAt = Math.min(now + longestBackoffMs, Number.MAX_SAFE_INTEGER);
  // A line each, which JSON never breaks; an empty line, who claims nothing, is never among them.
  const leftOut = without.length === 0 ? "" : `\n${without.map(toJson).join("\n")}\n`;
  return [now, latestAt, leftOut];
}

function textOf(claims: Claims | undefined): string {
  if (claims === undefined) return "";
  const { cpus, gpus, pools, locks } = claims;
  const isNone = cpus === 0 && gpus === 0 && Object.keys(pools).length === 0 && locks.length === 0;
  return isNone ? "" : toJson(claims);
}
