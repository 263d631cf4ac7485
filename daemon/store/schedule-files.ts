import type { Database } from "better-sqlite3";
import { present, type Columns } from "./present.ts";

/** What is kept of a schedule's file. */
export interface ScheduleFileRow {
  readonly name: string;
  /** What it last said that could be used; absent where it was broken from the beginning. */
  readonly text?: string;
  /** Of the broken text that has been told of. */
  readonly toldDigest?: string;
}

/** The files of schedules as they were when they last could be used: that holds while they are broken. */
export class ScheduleFilesTable {
  readonly #get;
  readonly #names;
  readonly #put;
  readonly #drop;

  constructor(database: Database) {
    this.#get = database.prepare<[string], Columns<ScheduleFileRow>>(
      "SELECT name, text, told_digest AS toldDigest FROM schedule_files WHERE name = ?",
    );
    this.#names = database
      .prepare<[string], string>(
        "SELECT name FROM schedule_files WHERE name > ? ORDER BY name LIMIT 1000",
      )
      .pluck();
    this.#put = database.prepare<[Columns<ScheduleFileRow>]>(
      `INSERT OR REPLACE INTO schedule_files (name, text, told_digest)
       VALUES (@name, @text, @toldDigest)`,
    );
    this.#drop = database.prepare<[string]>("DELETE FROM schedule_files WHERE name = ?");
  }

  get(name: string): ScheduleFileRow | undefined {
    const row = this.#get.get(name);
    return row && present(row);
  }

  /** A page of names, after one of them. */
  namesAfter(name: string): string[] {
    return this.#names.all(name);
  }

  /** Replaces what was kept of its name. */
  put({ name, text, toldDigest }: ScheduleFileRow): void {
    this.#put.run({ name, text: text ?? null, toldDigest: toldDigest ?? null });
  }

  /** The file is gone. */
  drop(name: string): void {
    this.#drop.run(name);
  }
}
