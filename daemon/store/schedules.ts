import type { Database } from "better-sqlite3";
import type { RunId } from "../domain/ids.ts";
import type { ClockHolder, TickCause, TickState } from "../domain/schedule.ts";
import { present, type Columns } from "./present.ts";

/** What is known of a schedule besides its file. Times are epoch ms. */
export interface ScheduleRow {
  readonly name: string;
  /** A person's word over the file's. */
  readonly enabled?: boolean;
  /** A person's word over the file's. */
  readonly via?: ClockHolder;
  /** Instants up to here have been dealt with. */
  readonly handledAt: number;
  /** In a row. */
  readonly failures: number;
  readonly pausedAt?: number;
  readonly retryAt?: number;
  readonly retries: number;
}

/** An instant and what became of it. */
export interface TickRow {
  readonly schedule: string;
  readonly instant: number;
  readonly cause: TickCause;
  readonly state: TickState;
  readonly at: number;
  readonly runId?: RunId;
  readonly because?: string;
  /** More than 1 where it stands for many that were missed in a row, from `since` to `instant`. */
  readonly count: number;
  readonly since: number;
}

/** An instant to put on record. */
export type NewTick = Omit<TickRow, "count" | "since">;

interface ScheduleColumns extends Omit<Columns<ScheduleRow>, "enabled"> {
  readonly enabled: 0 | 1 | null;
}
type TickColumns = Columns<TickRow>;

const columns = `name, enabled, via, handled_at AS handledAt, failures, paused_at AS pausedAt,
  retry_at AS retryAt, retries`;
const tickColumns = "schedule, instant, cause, state, at, run_id AS runId, because, count, since";

/**
 * How many instants of a schedule are kept before the one that comes. Those of open runs are kept in any case, and
 * so are those after it: a clock that was ahead has left them, and they stop a second run when it gets there.
 */
const ticksKept = 1000;

/** Schedules and their instants. An instant is a row, and there is at most one of it. */
export class SchedulesTable {
  readonly #get;
  readonly #put;
  readonly #insertTick;
  readonly #trim;
  readonly #open;
  readonly #allOpen;
  readonly #end;
  readonly #byRun;
  readonly #ticks;
  readonly #has;
  readonly #succeeded;
  readonly #split;
  readonly #one;

  constructor(database: Database) {
    this.#get = database.prepare<[string], ScheduleColumns>(
      `SELECT ${columns} FROM schedules WHERE name = ?`,
    );
    this.#put = database.prepare<[ScheduleColumns]>(
      `INSERT OR REPLACE INTO schedules
         (name, enabled, via, handled_at, failures, paused_at, retry_at, retries)
       VALUES (@name, @enabled, @via, @handledAt, @failures, @pausedAt, @retryAt, @retries)`,
    );
    this.#insertTick = database.prepare<[TickColumns]>(
      `INSERT INTO schedule_ticks (schedule, instant, cause, state, at, run_id, because, count, since)
       VALUES (@schedule, @instant, @cause, @state, @at, @runId, @because, @count, @since)
       ON CONFLICT (schedule, instant) DO UPDATE SET
         cause = excluded.cause, state = excluded.state, at = excluded.at,
         run_id = excluded.run_id, because = excluded.because,
         count = excluded.count, since = excluded.since
       WHERE state = 'missed' AND excluded.state <> 'missed'`,
    );
    this.#split = database.prepare<[number, string, number, number]>(
      `UPDATE schedule_ticks SET count = count - 1, instant = instant - (instant = ?)
       WHERE schedule = ? AND instant >= ? AND since <= ? AND count > 1`,
    );
    this.#trim = database.prepare<[{ schedule: string; instant: number; most: number }]>(
      `DELETE FROM schedule_ticks WHERE schedule = @schedule AND state <> 'fired' AND instant < (
         SELECT instant FROM schedule_ticks WHERE schedule = @schedule AND instant <= @instant
         ORDER BY instant DESC LIMIT 1 OFFSET @most)`,
    );
    this.#open = database.prepare<[string], TickColumns>(
      `SELECT ${tickColumns} FROM schedule_ticks WHERE schedule = ? AND state = 'fired'
       ORDER BY instant`,
    );
    this.#allOpen = database.prepare<[string, number], TickColumns>(
      `SELECT ${tickColumns} FROM schedule_ticks WHERE state = 'fired' AND (schedule, instant) > (?, ?)
       ORDER BY schedule, instant LIMIT 1000`,
    );
    this.#end = database.prepare<[TickState, string, number]>(
      `UPDATE schedule_ticks SET state = ? WHERE schedule = ? AND instant = ? AND state = 'fired'`,
    );
    this.#byRun = database.prepare<[string], TickColumns>(
      `SELECT ${tickColumns} FROM schedule_ticks WHERE run_id = ?`,
    );
    this.#ticks = database.prepare<[string, number], TickColumns>(
      `SELECT ${tickColumns} FROM schedule_ticks WHERE schedule = ? ORDER BY instant DESC LIMIT ?`,
    );
    this.#one = database.prepare<[string, number], TickColumns>(
      `SELECT ${tickColumns} FROM schedule_ticks WHERE schedule = ? AND instant = ?`,
    );
    this.#succeeded = database.prepare<[string]>(
      "UPDATE schedules SET failures = 0, retries = 0, retry_at = NULL WHERE name = ?",
    );
    this.#has = database
      .prepare<[string, number], number>(
        "SELECT 1 FROM schedule_ticks WHERE schedule = ? AND instant = ? AND state <> 'missed'",
      )
      .pluck();
  }

  /** Has this instant been dealt with? */
  has(schedule: string, instant: number): boolean {
    return this.#has.get(schedule, instant) !== undefined;
  }

  get(name: string): ScheduleRow | undefined {
    const row = this.#get.get(name);
    if (row === undefined) return undefined;
    const { enabled, ...rest } = row;
    return { ...present(rest), ...(enabled !== null && { enabled: enabled === 1 }) };
  }

  /** Replaces what was known of its name. */
  put(row: ScheduleRow): void {
    const { name, enabled, via, handledAt, failures, pausedAt, retryAt, retries } = row;
    this.#put.run({
      ...{ name, handledAt, failures, retries },
      enabled: enabled === undefined ? null : enabled ? 1 : 0,
      via: via ?? null,
      pausedAt: pausedAt ?? null,
      retryAt: retryAt ?? null,
    });
  }

  /** It failed no more: nothing is to be tried again. */
  succeeded(name: string): void {
    this.#succeeded.run(name);
  }

  /**
   * False when that instant has been dealt with already. One that was missed may still come: a clock that
   * ran ahead missed it too early. The oldest are forgotten.
   */
  insertTick(tick: NewTick): boolean {
    const { schedule, instant, cause } = tick;
    const ofClock = cause === "clock" || cause === "catch-up";
    if (ofClock && !this.has(schedule, instant))
      this.#split.run(instant, schedule, instant, instant);
    return this.#insert({ ...tick, count: 1, since: instant });
  }

  /** Puts instants that were missed on record, from `since` to `instant`, as one row. */
  insertMissed(tick: NewTick & Pick<TickRow, "count" | "since">): boolean {
    return this.#insert(tick);
  }

  /** One instant. */
  tick(schedule: string, instant: number): TickRow | undefined {
    const row = this.#one.get(schedule, instant);
    return row && toTick(row);
  }

  /** Instants of one schedule whose runs have not ended, oldest first. */
  openTicks(schedule: string): TickRow[] {
    return this.#open.all(schedule).map(toTick);
  }

  /** A page of those of all schedules, after one of them. */
  openTicksAfter(schedule: string, instant: number): TickRow[] {
    return this.#allOpen.all(schedule, instant).map(toTick);
  }

  /** False when its end was on record. */
  endTick(tick: TickRow, state: Extract<TickState, "succeeded" | "failed" | "cancelled">): boolean {
    return this.#end.run(state, tick.schedule, tick.instant).changes === 1;
  }

  /** The instant that a run came from. */
  tickOfRun(runId: string): TickRow | undefined {
    const row = this.#byRun.get(runId);
    return row && toTick(row);
  }

  /** Newest first. */
  ticks(schedule: string, limit: number): TickRow[] {
    return this.#ticks.all(schedule, limit).map(toTick);
  }

  #insert(tick: NewTick & Pick<TickRow, "count" | "since">): boolean {
    const { schedule, instant, runId = null, because = null } = tick;
    if (this.#insertTick.run({ ...tick, runId, because }).changes === 0) return false;
    this.#trim.run({ schedule, instant, most: ticksKept });
    return true;
  }
}

function toTick(columnsOfRow: TickColumns): TickRow {
  return present(columnsOfRow);
}
