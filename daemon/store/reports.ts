import type { Database } from "better-sqlite3";
import type { EventKind } from "../domain/event.ts";
import type { RunId } from "../domain/ids.ts";
import type { TickState } from "../domain/schedule.ts";
import type { Span } from "./box-minutes.ts";
import { runColumns, toRun, type RunColumns, type RunRow } from "./run-row.ts";
import { inList } from "./sql.ts";

/** A run that has ended. */
export type EndedRun = RunRow & { readonly endedAt: number };

/** Where a page of ended runs goes on. */
export type EndedAfter = Pick<EndedRun, "endedAt"> & { readonly id: string };

/** An instant of a schedule as a report counts it. Times are epoch ms. */
export interface ReportTick {
  readonly schedule: string;
  readonly instant: number;
  readonly state: TickState;
  readonly at: number;
  readonly because: string | null;
  /** More than 1 where it stands for many that were missed in a row. */
  readonly count: number;
}

/** The daemon began or ended, and in which boot of the machine. */
export interface DaemonEvent {
  readonly kind: "daemon.started" | "daemon.stopping";
  readonly at: number;
  readonly bootId: string | null;
}

/** What retention took in a span. */
export interface Collected {
  readonly runs: number;
  readonly logs: number;
  readonly freedBytes: number;
}

const daemonKinds: readonly EventKind[] = ["daemon.started", "daemon.stopping"];

/** The questions that only a report asks: what happened in a span, whatever it belongs to. */
export class ReportsTable {
  readonly #ended;
  readonly #waitedUntil;
  readonly #cached;
  readonly #ticks;
  readonly #paused;
  readonly #life;
  readonly #before;
  readonly #collected;

  constructor(database: Database) {
    this.#ended = database.prepare<[EndedAfter & { untilAt: number; limit: number }], RunColumns>(
      `SELECT ${runColumns} FROM runs INDEXED BY runs_by_end
       WHERE ended_at IS NOT NULL AND (ended_at, id) > (@endedAt, @id) AND ended_at < @untilAt
       ORDER BY ended_at, id LIMIT @limit`,
    );
    this.#waitedUntil = database
      .prepare<[RunId], number | null>(
        `SELECT max(other.ended_at) FROM run_waits AS w JOIN runs AS other ON other.id = w.on_run_id
         WHERE w.run_id = ?`,
      )
      .pluck();
    this.#cached = database.prepare<[RunId], { hits: number; savedMs: number }>(
      `SELECT count(*) AS hits, ifnull(sum(entry.took_ms), 0) AS savedMs
       FROM steps LEFT JOIN cache_entries AS entry ON entry.key = steps.cache_key
       WHERE steps.run_id = ? AND steps.cached_from IS NOT NULL`,
    );
    this.#ticks = database.prepare<
      [Pick<ReportTick, "at" | "schedule" | "instant"> & { untilAt: number; limit: number }],
      ReportTick
    >(
      `SELECT schedule, instant, state, at, because, count
       FROM schedule_ticks INDEXED BY schedule_ticks_by_age
       WHERE (at, schedule, instant) > (@at, @schedule, @instant) AND at < @untilAt
       ORDER BY at, schedule, instant LIMIT @limit`,
    );
    this.#paused = database.prepare<[], { name: string; pausedAt: number; failures: number }>(
      `SELECT name, paused_at AS pausedAt, failures FROM schedules INDEXED BY schedules_paused
       WHERE paused_at IS NOT NULL ORDER BY name LIMIT 100`,
    );
    const life = `SELECT kind, at, facts_json ->> '$.bootId' AS bootId
      FROM events INDEXED BY events_of_box WHERE run_id IS NULL AND kind IN (${inList(daemonKinds)})`;
    this.#life = database.prepare<[Span], DaemonEvent>(
      `${life} AND at >= @sinceAt AND at < @untilAt ORDER BY at, seq`,
    );
    this.#before = database.prepare<[number], DaemonEvent>(
      `${life} AND at < ? ORDER BY at DESC, seq DESC LIMIT 1`,
    );
    this.#collected = database.prepare<[Span], Collected>(
      `SELECT ifnull(sum(facts_json ->> '$.runs'), 0) AS runs,
         ifnull(sum(facts_json ->> '$.logs'), 0) AS logs,
         ifnull(sum(facts_json ->> '$.freedBytes'), 0) AS freedBytes
       FROM events INDEXED BY events_of_box
       WHERE run_id IS NULL AND kind = 'gc.done' AND at >= @sinceAt AND at < @untilAt`,
    );
  }

  /** A page of the runs that ended before an instant, the first to end first. */
  endedAfter({ endedAt, id }: EndedAfter, untilAt: number, limit: number): EndedRun[] {
    return this.#ended.all({ endedAt, id, untilAt, limit }).map((row) => toRun(row) as EndedRun);
  }

  /** When the last of those that a run had to wait for ended. */
  waitedUntil(runId: RunId): number | undefined {
    return this.#waitedUntil.get(runId) ?? undefined;
  }

  /** Steps of a run for which an earlier result stood in, and how long the work took that it was. */
  cached(runId: RunId): { readonly hits: number; readonly savedMs: number } {
    return this.#cached.get(runId) ?? { hits: 0, savedMs: 0 };
  }

  /** A page of instants, in the order in which they were dealt with. */
  ticksAfter(
    { at, schedule, instant }: Pick<ReportTick, "at" | "schedule" | "instant">,
    untilAt: number,
    limit: number,
  ): ReportTick[] {
    return this.#ticks.all({ at, schedule, instant, untilAt, limit });
  }

  /** Schedules that failures have paused, the first hundred. */
  pausedSchedules(): { name: string; pausedAt: number; failures: number }[] {
    return this.#paused.all();
  }

  /** Starts and ends of the daemon in a span, with the last one before it. */
  daemonLife({ sinceAt, untilAt }: Span): DaemonEvent[] {
    const before = this.#before.all(sinceAt);
    return [...before, ...this.#life.all({ sinceAt, untilAt })];
  }

  /** What retention took away. */
  collected({ sinceAt, untilAt }: Span): Collected {
    const found = this.#collected.get({ sinceAt, untilAt });
    return found ?? { runs: 0, logs: 0, freedBytes: 0 };
  }
}
