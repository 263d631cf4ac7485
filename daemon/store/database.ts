import { chmodSync, closeSync, existsSync, openSync, readSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import Database from "better-sqlite3";
import type { Clock } from "../base/clock.ts";
import { failure, type Failure } from "../domain/failure.ts";
import { mib } from "../domain/quantity.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { createPrivate, renameDurably } from "./files.ts";
import { findDamage } from "./integrity.ts";
import { backUp, migrate, refuseNewer, versionOf, type Migration } from "./migrate.ts";
import { isSafeSqlite } from "./sqlite-version.ts";
import { databaseCorrupt, storageTrouble } from "./storage-error.ts";

/** How long to wait for a lock somebody else holds; the event loop stands still meanwhile. */
const lockTimeoutMs = 1000;
/** A WAL that grew past this under load gives the room back. */
const keptWalBytes = 64 * mib;
/**
 * Pages a connection may keep, in KiB as the pragma counts them: what SQLite itself begins with. The 16 MB
 * of better-sqlite3 fill as the history grows, and reads are no faster for them: the kernel has the pages too.
 */
const pageCacheKib = 2000;
const magic = "SQLite format 3\0";

/**
 * Opens the database at `file`, made first when there is none, and brings it to the newest version. What
 * is there is looked at read-only before anything may write: a database that is damaged, somebody
 * else's or newer than this program stays as it is, to the byte, and its WAL too.
 */
export function openDatabase(
  file: string,
  clock: Clock,
  migrations: readonly Migration[],
  sqliteVersion: string = linkedVersion(),
): Result<Database.Database, Failure> {
  if (!isSafeSqlite(sqliteVersion)) return err(unsafeSqlite(sqliteVersion));
  try {
    const looked = existsSync(file) ? look(file, clock, migrations) : createNew(file, migrations);
    return looked.ok ? ok(openForWriting(file, migrations)) : looked;
  } catch (error) {
    const trouble = storageTrouble(error, file);
    if (trouble === undefined) throw error;
    return err(trouble.failure);
  }
}

/** What a quick look finds in a file that no daemon of this process has open; nothing where there is none. */
export function examineDatabase(
  file: string,
  clock: Clock,
  migrations: readonly Migration[],
): { readonly sqliteVersion: string; readonly damage: string | undefined } {
  const sqliteVersion = linkedVersion();
  if (!isSafeSqlite(sqliteVersion)) {
    return { sqliteVersion, damage: unsafeSqlite(sqliteVersion).message };
  }
  if (!existsSync(file)) return { sqliteVersion, damage: undefined };
  try {
    const looked = look(file, clock, migrations);
    return { sqliteVersion, damage: looked.ok ? undefined : looked.error.message };
  } catch (error) {
    const trouble = storageTrouble(error, file);
    if (trouble === undefined) throw error;
    return { sqliteVersion, damage: trouble.failure.message };
  }
}

/** Judges an existing file without changing a byte of it. */
function look(file: string, clock: Clock, migrations: readonly Migration[]): Result<void, Failure> {
  const strange = strangeHeader(file);
  if (strange !== undefined) return err(databaseCorrupt(file, strange));
  const database = new Database(file, { readonly: true, timeout: lockTimeoutMs });
  try {
    keepFewPages(database);
    const newer = refuseNewer(database, migrations);
    if (!newer.ok) return newer;
    const damage = findDamage(database, clock);
    return damage === undefined ? newer : err(databaseCorrupt(file, damage));
  } finally {
    database.close();
  }
}

/** Damage that SQLite itself would take for an empty database or would not open. */
function strangeHeader(file: string): string | undefined {
  const header = Buffer.alloc(magic.length);
  const descriptor = openSync(file, "r");
  try {
    readSync(descriptor, header, 0, header.length, 0);
  } finally {
    closeSync(descriptor);
  }
  // blutd gives a database its name only once its tables are on disk, so it is never empty.
  if (statSync(file).size === 0) return "it is empty";
  return header.toString("latin1") === magic ? undefined : "it does not begin as a database does";
}

/** Makes the first database under another name: a death on the way leaves no half database behind. */
function createNew(file: string, migrations: readonly Migration[]): Result<void, Failure> {
  const wal = `${file}-wal`;
  if (existsSync(wal) && statSync(wal).size > 0) {
    return err(databaseCorrupt(file, `it is gone, but ${wal} is still there with its last rows`));
  }
  const partial = `${file}.new`;
  for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(partial + suffix, { force: true });
  createPrivate(partial);
  const database = new Database(partial);
  try {
    // Before there is a page: what retention takes is given back to the disk, a little at a time.
    database.pragma("auto_vacuum = INCREMENTAL");
    database.pragma("journal_mode = WAL");
    migrate(database, migrations);
  } finally {
    database.close();
  }
  renameDurably(partial, file);
  return ok(undefined);
}

function openForWriting(file: string, migrations: readonly Migration[]): Database.Database {
  chmodSync(file, 0o600);
  const database = new Database(file, { fileMustExist: true, timeout: lockTimeoutMs });
  try {
    keepFewPages(database);
    database.pragma("journal_mode = WAL");
    // Acknowledged means on disk: NORMAL would lose the last commits in a power cut.
    database.pragma("synchronous = FULL");
    // Beside the database, where only we can look. In memory, the journal of a long change is a list that
    // every savepoint walks: 10,000 runs settled in one change took 4.4 s instead of 0.5 s.
    database.pragma(`temp_store_directory = '${path.dirname(file).replaceAll("'", "''")}'`);
    database.pragma("trusted_schema = OFF");
    database.pragma("cell_size_check = ON");
    database.pragma(`journal_size_limit = ${keptWalBytes}`);
    // See checkpoint.ts: we checkpoint ourselves.
    database.pragma("wal_autocheckpoint = 0");
    if (versionOf(database) < migrations.length) backUp(database);
    migrate(database, migrations);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function keepFewPages(database: Database.Database): void {
  database.pragma(`cache_size = -${pageCacheKib}`);
}

function linkedVersion(): string {
  const memory = new Database(":memory:");
  try {
    return memory.prepare<[], string>("SELECT sqlite_version()").pluck().get() ?? "unknown";
  } finally {
    memory.close();
  }
}

function unsafeSqlite(version: string): Failure {
  return failure(
    "sqlite-unsafe",
    `SQLite ${version} can lose rows it has acknowledged (its WAL-reset bug, 3.7.0 to 3.51.2)`,
    "install blutd with the SQLite it ships, or one of 3.51.3, 3.50.7, 3.44.6 and later on their branches",
    { data: { version } },
  );
}
