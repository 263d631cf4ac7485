import Database from "better-sqlite3";
import { errorCode, isDiskFull } from "../base/system-error.ts";
import { failure, type Failure } from "../domain/failure.ts";

/** What an error of the disk or of SQLite means for the store. */
export interface StorageTrouble {
  readonly failure: Failure;
  /** Nobody can say what is on the disk now: the store must not write again in this process. */
  readonly breaks: boolean;
}

const fullCodes = ["SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"];
const brokenCodes = /^SQLITE_(IOERR|READONLY|PROTOCOL|NOMEM)/;
const unusableCodes = /^(SQLITE_(CANTOPEN|PERM|AUTH|NOLFS)|E[A-Z]+$)/;

/**
 * Tells trouble with the storage from a bug: undefined for every error that is not the disk's or another
 * process's doing (a constraint, a wrong statement), which the caller must let through.
 */
export function storageTrouble(error: unknown, file: string): StorageTrouble | undefined {
  const code = codeOf(error);
  if (code === undefined) return undefined;
  if (fullCodes.includes(code) || isDiskFull(error)) {
    return { failure: storageFull(file, code), breaks: false };
  }
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return { failure: stateInUse(file), breaks: false };
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) {
    return { failure: databaseCorrupt(file, messageOf(error)), breaks: true };
  }
  if (brokenCodes.test(code)) return { failure: storageFailed(file, code), breaks: true };
  if (unusableCodes.test(code)) {
    return { failure: storageUnusable(file, code, messageOf(error)), breaks: true };
  }
  return undefined;
}

/** The disk under the database has no room. Nothing was kept; it heals by itself once there is room. */
function storageFull(file: string, code: string): Failure {
  return failure(
    "storage-full",
    `the disk that holds ${file} is full, so nothing was written`,
    "free some room there; work that runs goes on, and submits are taken again by themselves",
    { retryable: true, data: { file, code } },
  );
}

function stateInUse(file: string): Failure {
  return failure(
    "state-in-use",
    `another process holds a lock on ${file}`,
    `end what has it open (fuser ${file} names it), then try again`,
    { retryable: true, data: { file } },
  );
}

/** The disk refused to read or write; what reached it is unknown, so nothing is tried again. */
function storageFailed(file: string, code: string): Failure {
  return failure(
    "storage-failed",
    `reading or writing ${file} failed (${code}); what reached the disk is unknown`,
    "look at the kernel's log for disk errors, then start blutd again: it reads what is really there",
    { data: { file, code } },
  );
}

/** The file cannot be got at: its directory is gone, or it is somebody else's. */
function storageUnusable(file: string, code: string, finding: string): Failure {
  return failure(
    "storage-failed",
    `${file} cannot be opened: ${finding}`,
    "see that its directory exists and that both belong to the user blutd runs as, then start blutd again",
    { data: { file, code } },
  );
}

/** The file is damaged or not ours. Names the steps; blutd itself moves and deletes nothing. */
export function databaseCorrupt(file: string, finding: string): Failure {
  return failure(
    "database-corrupt",
    `${file} cannot be trusted: ${finding}`,
    [
      "blutd changed nothing, and work that runs goes on. To repair:",
      `1. copy ${file}, ${file}-wal and ${file}-shm (those that exist) to a safe place;`,
      `2. save what can be read: sqlite3 ${file} .recover | sqlite3 ${file}.recovered`,
      `3. check it: sqlite3 ${file}.recovered 'PRAGMA integrity_check'`,
      `4. move ${file}, -wal and -shm away, rename ${file}.recovered to ${file}, start blutd.`,
      `Without step 2 and 4's rename blutd starts empty and forgets its runs.`,
    ].join("\n"),
    { data: { file, finding } },
  );
}

/** SQLite's code, or the system's for a failed file call. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof Database.SqliteError) return error.code;
  return error instanceof Error && "syscall" in error ? errorCode(error) : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
