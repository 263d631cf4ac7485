import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { delayOf } from "../../../daemon/timers/delay.ts";
import type { Schedule } from "../../../daemon/timers/read-schedule.ts";
import type { History } from "./history.ts";
import { instantsOf } from "./timetable.ts";

/** What became of the month's instants. All but the last four are instants. */
export interface Ledger {
  readonly instants: number;
  readonly byState: Readonly<Record<string, number>>;
  /** Of schedules that were paused by then, as their policy says. */
  readonly paused: number;
  /** No row, no range of missed ones, no pause: the promise is that there is none. */
  readonly unaccounted: readonly string[];
  /** Rows of instants that never were. */
  readonly invented: readonly string[];
  /** Runs that belong to no instant, or instants that share a run. */
  readonly strayRuns: number;
  readonly openRuns: number;
  readonly retries: number;
  /** What SQLite's own check says. */
  readonly integrity: string;
}

interface Tick {
  readonly instant: number;
  readonly state: string;
  readonly cause: string;
  /** More than 1 where it stands for many that were missed, from `since` to `instant`. */
  readonly count: number;
  readonly since: number;
}

/** The daemon's database, looked at from outside while it runs. */
export class Books {
  readonly #row;
  readonly #count;
  readonly #fired;
  readonly #open;

  constructor(file: string) {
    const database = new Database(file, { readonly: true });
    this.#row = database.prepare<[string], { handledAt: number; pausedAt: number | null }>(
      "SELECT handled_at AS handledAt, paused_at AS pausedAt FROM schedules WHERE name = ?",
    );
    this.#count = database.prepare<[], { n: number }>("SELECT count(*) AS n FROM schedules");
    this.#fired = database.prepare<[], { n: number }>(
      "SELECT count(*) AS n FROM schedule_ticks WHERE run_id IS NOT NULL",
    );
    this.#open = database.prepare<[], { n: number }>(
      "SELECT count(*) AS n FROM runs WHERE ended_at IS NULL",
    );
  }

  fired(): number {
    return this.#fired.get()?.n ?? 0;
  }

  isPaused(name: string): boolean {
    return (this.#row.get(name)?.pausedAt ?? null) !== null;
  }

  /** Whether every instant of a schedule whose time has come by `at` was dealt with. */
  isHandled(schedule: Schedule, at: number): boolean {
    const row = this.#row.get(schedule.name);
    return row !== undefined && instantsOf(schedule, row.handledAt, at).length === 0;
  }

  /** Waits until so many schedules are known. */
  async holds(count: number): Promise<void> {
    while (this.#count.get()?.n !== count) await sleep(20);
  }

  /** Runs that have not ended. */
  openRuns(): number {
    return this.#open.get()?.n ?? 0;
  }
}

/** Looks up every instant of the month in the database that is left. */
export function ledgerOf(
  file: string,
  schedules: readonly Schedule[],
  { fromAt, untilAt }: History,
): Ledger {
  const database = new Database(file, { readonly: true });
  const ticksOf = database.prepare<[string], Tick>(
    `SELECT instant, state, cause, count, since FROM schedule_ticks WHERE schedule = ?
     ORDER BY count`,
  );
  const pausedAt = database.prepare<[string], { at: number | null }>(
    "SELECT paused_at AS at FROM schedules WHERE name = ?",
  );
  const byState: Record<string, number> = {};
  const unaccounted: string[] = [];
  const invented: string[] = [];
  let [instants, paused, retries] = [0, 0, 0];
  for (const schedule of schedules) {
    const { name } = schedule;
    const expected = new Set(instantsOf(schedule, fromAt, untilAt));
    const pauseAt = pausedAt.get(name)?.at ?? Infinity;
    instants += expected.size;
    for (const { instant, state, cause, count, since } of ticksOf.all(name)) {
      const meant = count === 1 ? [instant] : within(expected, since, instant);
      if (cause === "retry") retries += 1;
      else if (meant.length !== count || !meant.every((at) => expected.delete(at))) {
        invented.push(`${name} ${instant}`);
      }
      byState[state] = (byState[state] ?? 0) + count;
    }
    for (const instant of expected) {
      if (instant + delayOf(schedule) >= pauseAt) paused += 1;
      else unaccounted.push(`${name} ${new Date(instant).toISOString()}`);
    }
  }
  const count = (sql: string): number => database.prepare<[], { n: number }>(sql).get()?.n ?? 0;
  return {
    ...{ instants, byState, paused, unaccounted, invented, retries },
    strayRuns:
      count(
        "SELECT count(*) AS n FROM runs WHERE id NOT IN (SELECT run_id FROM schedule_ticks WHERE run_id IS NOT NULL)",
      ) + count("SELECT count(run_id) - count(DISTINCT run_id) AS n FROM schedule_ticks"),
    openRuns: count("SELECT count(*) AS n FROM runs WHERE ended_at IS NULL"),
    integrity:
      database.prepare<[], { integrity_check: string }>("PRAGMA integrity_check").get()
        ?.integrity_check ?? "",
  };
}

/** Those that lie between two, both included. */
function within(instants: ReadonlySet<number>, from: number, until: number): number[] {
  return [...instants].filter((at) => at >= from && at <= until);
}
