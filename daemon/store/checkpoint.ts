import type { Database } from "better-sqlite3";

/** How many pages may wait in the WAL before they are moved into the database: 4 MiB. */
const longestWalPages = 1000;

/**
 * Moves a long WAL into the database. SQLite's own automatic checkpoint does the same inside COMMIT and
 * hides its errors; here nobody waits for it, and a failed fsync is seen. Throws SQLite's errors.
 */
export function checkpointWhenLong(database: Database): void {
  const [wal] = database.pragma("wal_checkpoint(NOOP)") as { log: number; checkpointed: number }[];
  if (wal === undefined || wal.log - wal.checkpointed < longestWalPages) return;
  database.pragma("wal_checkpoint(PASSIVE)");
}
