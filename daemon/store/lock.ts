import { closeSync, openSync } from "node:fs";
import Database from "better-sqlite3";
import { failure, type Failure } from "../domain/failure.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { storageTrouble } from "./storage-error.ts";

/** Held for the life of the process. */
export interface DaemonLock {
  release(): void;
}

/**
 * Takes the lock that lets only one daemon use a state directory. Node has no flock, but SQLite locks
 * its file with fcntl, and the kernel drops such a lock with the process, kill -9 or not: an exclusive
 * transaction that is never ended on a database that is never written to.
 */
export function takeLock(file: string): Result<DaemonLock, Failure> {
  let database: Database.Database | undefined;
  try {
    // SQLite would make it readable to everybody.
    closeSync(openSync(file, "a", 0o600));
    database = new Database(file, { timeout: 0 });
    database.pragma("locking_mode = EXCLUSIVE");
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close();
    const trouble = storageTrouble(error, file);
    if (trouble === undefined) throw error;
    return err(trouble.failure.reason === "state-in-use" ? inUse(file) : trouble.failure);
  }
  const held = database;
  return ok({
    release: () => {
      held.close();
    },
  });
}

function inUse(file: string): Failure {
  return failure(
    "state-in-use",
    `another blutd uses ${file}`,
    "talk to it with blutctl, or stop it first",
  );
}
