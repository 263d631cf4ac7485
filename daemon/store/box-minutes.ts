import type { Database } from "better-sqlite3";
import type { BoxMinute } from "../domain/box-minute.ts";
import { present, type Columns } from "./present.ts";

type MinuteColumns = Columns<BoxMinute>;

/** From one instant to before another, epoch ms. */
export interface Span {
  readonly sinceAt: number;
  readonly untilAt: number;
}

/** Minutes of a span added up; a figure of a span without minutes is absent. */
export interface BoxTotals {
  readonly minutes: number;
  readonly limitByteSeconds: number;
  readonly needByteSeconds: number;
  /** Minutes in which less was available than is to be kept free. */
  readonly floorMinutes: number;
  /** Either of both: a bad minute is often one of both kinds. */
  readonly nearMinutes: number;
  /** Minutes in which memory pressure was at the threshold or above. */
  readonly pressureMinutes: number;
  readonly leastAvailableBytes?: number;
  readonly highestPressure?: number;
}

const listed = `available_bytes AS availableBytes, pressure_full AS pressureFull,
  pressure_some AS pressureSome, limit_bytes AS limitBytes, need_bytes AS needBytes,
  limit_byte_seconds AS limitByteSeconds, need_byte_seconds AS needByteSeconds, running, waiting,
  budget_bytes AS budgetBytes, floor_bytes AS floorBytes, head_wait AS headWait`;
const within = "at >= @sinceAt AND at < @untilAt";

/** The box, minute by minute, while something ran or waited. */
export class BoxMinutesTable {
  readonly #add;
  readonly #trim;
  readonly #totals;
  readonly #list;
  readonly #waits;

  constructor(database: Database) {
    this.#add = database.prepare<[MinuteColumns]>(
      `INSERT INTO box_minutes (at, available_bytes, pressure_full, pressure_some, limit_bytes, need_bytes,
         limit_byte_seconds, need_byte_seconds, running, waiting, budget_bytes, floor_bytes, head_wait)
       VALUES (@at, @availableBytes, @pressureFull, @pressureSome, @limitBytes, @needBytes,
         @limitByteSeconds, @needByteSeconds, @running, @waiting, @budgetBytes, @floorBytes, @headWait)
       ON CONFLICT (at) DO UPDATE SET
         available_bytes = min(available_bytes, excluded.available_bytes),
         pressure_full = max(ifnull(pressure_full, excluded.pressure_full), ifnull(excluded.pressure_full, pressure_full)),
         pressure_some = max(ifnull(pressure_some, excluded.pressure_some), ifnull(excluded.pressure_some, pressure_some)),
         limit_bytes = max(limit_bytes, excluded.limit_bytes),
         need_bytes = max(need_bytes, excluded.need_bytes),
         limit_byte_seconds = limit_byte_seconds + excluded.limit_byte_seconds,
         need_byte_seconds = need_byte_seconds + excluded.need_byte_seconds,
         running = max(running, excluded.running), waiting = max(waiting, excluded.waiting),
         budget_bytes = excluded.budget_bytes, floor_bytes = excluded.floor_bytes,
         head_wait = ifnull(excluded.head_wait, head_wait)`,
    );
    this.#trim = database.prepare<[number, number]>(
      "DELETE FROM box_minutes WHERE at IN (SELECT at FROM box_minutes WHERE at < ? ORDER BY at LIMIT ?)",
    );
    this.#totals = database.prepare<[Span & { pressureStop: number }], Columns<BoxTotals>>(
      `SELECT count(*) AS minutes, total(limit_byte_seconds) AS limitByteSeconds,
         total(need_byte_seconds) AS needByteSeconds,
         count(*) FILTER (WHERE available_bytes < floor_bytes) AS floorMinutes,
         count(*) FILTER (WHERE pressure_full >= @pressureStop) AS pressureMinutes,
         count(*) FILTER (WHERE available_bytes < floor_bytes OR pressure_full >= @pressureStop)
           AS nearMinutes,
         min(available_bytes) AS leastAvailableBytes, max(pressure_full) AS highestPressure
       FROM box_minutes WHERE ${within}`,
    );
    this.#list = database.prepare<[Span & { limit: number }], MinuteColumns>(
      `SELECT at, ${listed} FROM box_minutes WHERE ${within} ORDER BY at LIMIT @limit`,
    );
    this.#waits = database
      .prepare<[Span], NonNullable<BoxMinute["headWait"]>>(
        `SELECT head_wait FROM box_minutes WHERE ${within} AND head_wait IS NOT NULL`,
      )
      .pluck();
  }

  /** A minute that is there already gets both: a daemon may end and start within one. */
  add(minute: BoxMinute): void {
    const { pressureFull = null, pressureSome = null, headWait = null } = minute;
    this.#add.run({ ...minute, pressureFull, pressureSome, headWait });
  }

  /** Forgets so many of those that are older than an instant; gives how many there were. */
  trim(beforeAt: number, limit: number): number {
    return this.#trim.run(beforeAt, limit).changes;
  }

  /** `pressureStop`: percent of PSI full avg10. */
  totals(span: Span, pressureStop: number): BoxTotals {
    const { sinceAt, untilAt } = span;
    const found = this.#totals.get({ sinceAt, untilAt, pressureStop });
    if (found === undefined) throw new Error("a sum without a row");
    return present(found);
  }

  /** The first of a span, oldest first. */
  list({ sinceAt, untilAt }: Span, limit: number): BoxMinute[] {
    return this.#list.all({ sinceAt, untilAt, limit }).map((row) => present(row));
  }

  /** What the first in line waited for, a word for each minute in which one waited. */
  headWaits({ sinceAt, untilAt }: Span): NonNullable<BoxMinute["headWait"]>[] {
    return this.#waits.all({ sinceAt, untilAt });
  }
}
