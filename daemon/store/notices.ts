import type { Database } from "better-sqlite3";
import type { News, NoticeOutcome, NoticeState } from "../domain/notice.ts";
import { fromJson, toJson } from "./json-column.ts";
import { present, type Columns } from "./present.ts";

/** A notice as stored. Times are epoch ms; `overAt` and `outcomes` are there exactly when it is over. */
export interface NoticeRow {
  readonly id: string;
  readonly state: NoticeState;
  readonly openedAt: number;
  readonly news: News;
  readonly overAt?: number;
  readonly outcomes?: readonly NoticeOutcome[];
}

/** A name whose last run failed: since when, epoch ms, and how often in a row. */
export interface FailingName {
  readonly since: number;
  readonly failures: number;
}

type NoticeColumns = Columns<NoticeRow, "news" | "outcomes">;

const columns = `id, state, opened_at AS openedAt, news_json AS news, over_at AS overAt,
  outcomes_json AS outcomes`;

/** Notices that are over and are kept to be looked at. */
const noticesKept = 500;
/** The oldest are forgotten: whoever names every run anew has no recoveries. */
const namesKept = 10_000;

/** What people are told and were told. */
export class NoticesTable {
  readonly #open;
  readonly #waiting;
  readonly #setNews;
  readonly #close;
  readonly #end;
  readonly #newest;
  readonly #trim;
  readonly #fail;
  readonly #failing;
  readonly #recover;
  readonly #forget;

  constructor(database: Database) {
    this.#open = database.prepare<[string, number, string]>(
      "INSERT INTO notices (id, state, opened_at, news_json) VALUES (?, 'open', ?, ?)",
    );
    this.#waiting = database.prepare<[NoticeState], NoticeColumns>(
      `SELECT ${columns} FROM notices WHERE state = ? AND state <> 'over'`,
    );
    this.#setNews = database.prepare<[string, string]>(
      "UPDATE notices SET news_json = ? WHERE id = ?",
    );
    this.#close = database.prepare<[string]>("UPDATE notices SET state = 'due' WHERE id = ?");
    this.#end = database.prepare<[number, string, string]>(
      "UPDATE notices SET state = 'over', over_at = ?, outcomes_json = ? WHERE id = ?",
    );
    this.#newest = database.prepare<[number], NoticeColumns>(
      `SELECT ${columns} FROM notices ORDER BY number DESC LIMIT ?`,
    );
    this.#trim = database.prepare<[number]>(
      "DELETE FROM notices WHERE number <= (SELECT max(number) FROM notices) - ? AND state = 'over'",
    );
    this.#fail = database
      .prepare<[string, number], number>(
        `INSERT INTO failing_names (name, since, failures) VALUES (?, ?, 1)
         ON CONFLICT (name) DO UPDATE SET failures = failures + 1 RETURNING failures`,
      )
      .pluck();
    this.#failing = database.prepare<[string], FailingName>(
      "SELECT since, failures FROM failing_names WHERE name = ?",
    );
    this.#recover = database.prepare<[string]>("DELETE FROM failing_names WHERE name = ?");
    this.#forget = database.prepare<[number]>(
      `DELETE FROM failing_names WHERE (since, name) <= (
         SELECT since, name FROM failing_names ORDER BY since DESC, name DESC LIMIT 1 OFFSET ?)`,
    );
  }

  /** The one that takes in what happens. */
  open(): NoticeRow | undefined {
    return toOptional(this.#waiting.get("open"));
  }

  /** The one that is being delivered. */
  due(): NoticeRow | undefined {
    return toOptional(this.#waiting.get("due"));
  }

  /** Begins a notice; there must be no open one. */
  insert(id: string, openedAt: number, news: News): void {
    this.#open.run(id, openedAt, toJson(news));
  }

  setNews(id: string, news: News): void {
    this.#setNews.run(toJson(news), id);
  }

  /** It takes in nothing more; there must be no other one that is due. */
  close(id: string): void {
    this.#close.run(id);
  }

  /** Every way was tried. The oldest that are over go. */
  end(id: string, overAt: number, outcomes: readonly NoticeOutcome[]): void {
    this.#end.run(overAt, toJson(outcomes), id);
    this.#trim.run(noticesKept);
  }

  /** Newest first. */
  newest(limit: number): NoticeRow[] {
    return this.#newest.all(limit).map(toNotice);
  }

  /** Counts a failure of a name; answers how many there are in a row. */
  fail(name: string, at: number): number {
    return this.#fail.get(name, at) ?? 1;
  }

  /** Did its last run fail, as far as people were told? */
  isFailing(name: string): boolean {
    return this.#failing.get(name) !== undefined;
  }

  /** It failed no more; undefined when it had not. */
  recover(name: string): FailingName | undefined {
    const failing = this.#failing.get(name);
    if (failing !== undefined) this.#recover.run(name);
    return failing;
  }

  /** Forgets the names that have failed for longest, where there are too many. */
  trimNames(): void {
    this.#forget.run(namesKept);
  }
}

function toOptional(row: NoticeColumns | undefined): NoticeRow | undefined {
  return row && toNotice(row);
}

function toNotice(row: NoticeColumns): NoticeRow {
  return present({
    ...row,
    news: fromJson(row.news),
    outcomes: row.outcomes === null ? null : fromJson(row.outcomes),
  });
}
