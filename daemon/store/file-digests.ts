import type { Database } from "better-sqlite3";

/**
 * What the files of a directory held when they were last read, as text that the digester writes and
 * reads. One row a directory: a tree of 50,000 files is a few hundred questions.
 */
export class FileDigestsTable {
  readonly #get;
  readonly #put;
  readonly #forget;

  constructor(database: Database) {
    this.#get = database
      .prepare<[string], string>("SELECT record FROM file_digests WHERE path = ?")
      .pluck();
    this.#put = database.prepare<[string, string, number]>(
      "INSERT OR REPLACE INTO file_digests (path, record, written_at) VALUES (?, ?, ?)",
    );
    this.#forget = database.prepare<[number]>("DELETE FROM file_digests WHERE written_at < ?");
  }

  /** Of a directory, or of a file that was asked for by itself. */
  get(path: string): string | undefined {
    return this.#get.get(path);
  }

  put(path: string, record: string, at: number): void {
    this.#put.run(path, record, at);
  }

  /** Forgets what was written before; it is read again when it is asked for. */
  forgetBefore(at: number): void {
    this.#forget.run(at);
  }
}
