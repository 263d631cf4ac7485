import type { Database } from "better-sqlite3";
import { fromJson, toJson, type JsonText } from "./json-column.ts";

/** What must outlive the daemon and belongs to no run, by name, as JSON values. */
export class SettingsTable {
  readonly #get;
  readonly #set;
  readonly #delete;

  constructor(database: Database) {
    this.#get = database.prepare<[string], { value: JsonText<unknown> }>(
      "SELECT value_json AS value FROM settings WHERE name = ?",
    );
    this.#set = database.prepare<[string, JsonText<unknown>]>(
      "INSERT OR REPLACE INTO settings (name, value_json) VALUES (?, ?)",
    );
    this.#delete = database.prepare<[string]>("DELETE FROM settings WHERE name = ?");
  }

  /** Undefined when it was never set. The caller checks the shape: it may come from another version. */
  get(name: string): unknown {
    const row = this.#get.get(name);
    return row && fromJson(row.value);
  }

  set(name: string, value: unknown): void {
    this.#set.run(name, toJson(value));
  }

  delete(name: string): void {
    this.#delete.run(name);
  }
}
