import type { Database } from "better-sqlite3";
import type { BlutEvent, EventKind } from "../domain/event.ts";
import { fromJson, toJson } from "./json-column.ts";
import { present, type Columns } from "./present.ts";

type EventColumns = Columns<BlutEvent, "facts">;

/** Of an event besides its facts: its other columns. */
const bytesBesides = 80;

/** The event log. `seq` is dense: a number is given out only by a transaction that commits. */
export class EventsTable {
  readonly #append;
  readonly #since;
  readonly #sinceOfKinds;
  readonly #bounds;
  readonly #trim;
  readonly #times;
  readonly #sizes;
  readonly #dropUpTo;

  constructor(database: Database) {
    this.#append = database.prepare<[Omit<EventColumns, "seq">], { seq: number }>(
      `INSERT INTO events (at, kind, run_id, attempt_id, facts_json)
       VALUES (@at, @kind, @runId, @attemptId, @facts) RETURNING seq`,
    );
    this.#since = database.prepare<[number, number], EventColumns>(
      `SELECT seq, at, kind, run_id AS runId, attempt_id AS attemptId, facts_json AS facts
       FROM events WHERE seq > ? ORDER BY seq LIMIT ?`,
    );
    // The kinds as one JSON list: they are many, and never the same for long.
    this.#sinceOfKinds = database.prepare<[number, string, number], EventColumns>(
      `SELECT seq, at, kind, run_id AS runId, attempt_id AS attemptId, facts_json AS facts
       FROM events WHERE seq > ? AND instr(?, json_quote(kind)) > 0 ORDER BY seq LIMIT ?`,
    );
    this.#bounds = database.prepare<[], { first: number; last: number }>(
      `SELECT ifnull((SELECT min(seq) FROM events), 0) AS first,
         ifnull((SELECT max(seq) FROM events), 0) AS last`,
    );
    this.#trim = database.prepare<[number]>(
      "DELETE FROM events WHERE seq <= (SELECT max(seq) FROM events) - max(?, 1)",
    );
    this.#times = database.prepare<[number, number], { seq: number; at: number }>(
      "SELECT seq, at FROM events WHERE seq > ? ORDER BY seq LIMIT ?",
    );
    this.#sizes = database.prepare<[number, number], { seq: number; bytes: number }>(
      `SELECT seq, octet_length(facts_json) + ${bytesBesides} AS bytes FROM events
       WHERE seq < ? ORDER BY seq DESC LIMIT ?`,
    );
    this.#dropUpTo = database.prepare<[number]>(
      "DELETE FROM events WHERE seq <= min(?, (SELECT max(seq) FROM events) - 1)",
    );
  }

  append(event: Omit<BlutEvent, "seq">): BlutEvent {
    const { at, kind, runId = null, attemptId = null, facts } = event;
    const row = this.#append.get({ at, kind, runId, attemptId, facts: toJson(facts) });
    if (row === undefined) throw new Error("an event was stored without a number");
    return { ...event, seq: row.seq };
  }

  /** Events after `seq`, oldest first. */
  since(seq: number, limit: number): BlutEvent[] {
    return this.#since.all(seq, limit).map(toEvent);
  }

  /** The same of some kinds alone. */
  sinceOf(kinds: readonly EventKind[], seq: number, limit: number): BlutEvent[] {
    return this.#sinceOfKinds.all(seq, JSON.stringify(kinds), limit).map(toEvent);
  }

  /** The oldest and newest number still kept; both 0 when there is none. */
  bounds(): { first: number; last: number } {
    return this.#bounds.get() ?? { first: 0, last: 0 };
  }

  /** Drops all but the newest `keep`, and never the newest: numbers go on after it. Gives how many went. */
  trim(keep: number): number {
    return this.#trim.run(keep).changes;
  }

  /** When the events after this number came, by the clock of then: later ones may have earlier times. */
  timesAfter(seq: number, limit: number): { seq: number; at: number }[] {
    return this.#times.all(seq, limit);
  }

  /** About what each event takes of the disk, the newest before this number first. */
  sizesBefore(seq: number, limit: number): { seq: number; bytes: number }[] {
    return this.#sizes.all(seq, limit);
  }

  /** Drops everything up to this number, but never the newest. Gives how many went. */
  dropUpTo(seq: number): number {
    return this.#dropUpTo.run(seq).changes;
  }
}

function toEvent(row: EventColumns): BlutEvent {
  return present({ ...row, facts: fromJson(row.facts) });
}
