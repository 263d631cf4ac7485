import Database from "better-sqlite3";

/** How many pages may wait in the WAL before they are moved into the database: 4 MiB. */
const longestWalPages = 1000;

/**
 * Moves a long WAL into the database. SQLite's own automatic checkpoint does the same inside COMMIT and
 * hides its errors; here nobody waits for it, and a failed fsync is seen. Throws SQLite's errors.
 */
export function checkpointWhenLong(database: Database.Database): void {
  const [wal] = database.pragma("wal_checkpoint(NOOP)") as { log: number; checkpointed: number }[];
  if (wal === undefined || wal.log - wal.checkpointed < longestWalPages) return;
  database.pragma("wal_checkpoint(PASSIVE)");
}

/**
 * Keeps the WAL as it is when the database closes, also at the end of the process: SQLite moves it into
 * the database on the last close, and over a disk that just failed it must not. A second connection that
 * reads makes the first one's close not the last, and a read-only one moves nothing itself.
 */
export function holdWal(file: string): Database.Database | undefined {
  try {
    const holder = new Database(file, { readonly: true });
    holder.pragma("schema_version");
    return holder;
  } catch {
    // The disk does not even answer reads: then nothing can be moved either.
    return undefined;
  }
}
