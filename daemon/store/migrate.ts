import { readdirSync, readFileSync, rmSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { failure, type Failure } from "../domain/failure.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { createPrivate, renameDurably } from "./files.ts";

/** A numbered step of the schema; `version` is what the database is at afterwards. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

/** Reads the numbered files of `migrations/`; they count from 1 without a gap. */
export function readMigrations(
  directory: URL = new URL("migrations/", import.meta.url),
): readonly Migration[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name, index) => {
      if (Number.parseInt(name, 10) !== index + 1)
        throw new Error(`migration ${name} is misnumbered`);
      return { version: index + 1, sql: readFileSync(new URL(name, directory), "utf8") };
    });
}

/** The version a database is at; 0 for an empty one. */
export function versionOf(database: Database): number {
  return Number(database.pragma("user_version", { simple: true }));
}

/** Refuses a database that a later blutd has written: what its rows mean is not ours to guess. */
export function refuseNewer(
  database: Database,
  migrations: readonly Migration[],
): Result<void, Failure> {
  const found = versionOf(database);
  const known = migrations.length;
  if (found <= known) return ok(undefined);
  return err(
    failure(
      "database-newer",
      `${database.name} is at version ${found}; this blutd knows versions up to ${known}`,
      `start the blutd that wrote it, or put back a copy made before the upgrade (${database.name}.v*-backup)`,
      { data: { file: database.name, found, known } },
    ),
  );
}

/**
 * Brings a database to the newest version, each migration in one transaction with its number, so that a
 * death in between leaves a whole version behind. Throws SQLite's errors.
 */
export function migrate(database: Database, migrations: readonly Migration[]): void {
  // Not possible inside a transaction, and a table that is rebuilt breaks its references for a moment.
  database.pragma("foreign_keys = OFF");
  for (const { version, sql } of migrations.slice(versionOf(database))) {
    database
      .transaction(() => {
        database.exec(sql);
        const dangling = database.pragma("foreign_key_check") as unknown[];
        if (dangling.length > 0) throw new Error(`migration ${version} leaves dangling references`);
        database.pragma(`user_version = ${version}`);
      })
      .immediate();
  }
  database.pragma("foreign_keys = ON");
}

/**
 * Keeps a whole copy of a database beside it, as `<file>.v<version>-backup`; one per version, the newest
 * wins. Throws SQLite's errors and the file system's.
 */
export function backUp(database: Database): void {
  const backup = `${database.name}.v${versionOf(database)}-backup`;
  const partial = `${backup}.partial`;
  // Left by a blutd that died right here; nobody was ever told of it.
  rmSync(partial, { force: true });
  createPrivate(partial);
  database.prepare("VACUUM INTO ?").run(partial);
  renameDurably(partial, backup);
}
