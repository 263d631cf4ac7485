import { closeSync, constants, fsyncSync, openSync, renameSync } from "node:fs";
import { dirname } from "node:path";

/** Makes an empty file that only its owner may read; SQLite gives its WAL the same mode. */
export function createPrivate(file: string): void {
  closeSync(openSync(file, "wx", 0o600));
}

/** Gives a finished file its name so that it survives a power cut: whole, or not at all. */
export function renameDurably(from: string, to: string): void {
  syncPath(from, constants.O_RDWR);
  renameSync(from, to);
  syncPath(dirname(to), constants.O_RDONLY | constants.O_DIRECTORY);
}

function syncPath(path: string, flags: number): void {
  const descriptor = openSync(path, flags);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
