import { chmodSync, lstatSync } from "node:fs";
import { systemClock } from "../base/clock.ts";
import { makeDirectory } from "../base/make-directory.ts";
import type { DaemonConfig } from "../config/config.ts";
import { failure, type Failure } from "../domain/failure.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { takeLock, type DaemonLock } from "../store/lock.ts";
import { Store } from "../store/store.ts";

/** What holds the state directory: taken first, given back last. */
export interface Ground {
  readonly lock: DaemonLock;
  readonly store: Store;
}

const groupOrOthers = 0o077;

/**
 * Makes a directory that only its owner can enter, or checks one that is there: ours, a real directory,
 * and closed to everybody else. Nothing is repaired silently; a stranger may have looked inside already.
 */
export function privateDirectory(place: string): Result<void, Failure> {
  try {
    // The last folder is ours to close; those above it belong to the system or the user.
    if (makeDirectory(place, 0o700)) chmodSync(place, 0o700);
    const found = lstatSync(place);
    if (!found.isDirectory()) return err(unsafe(place, "it is not a directory", `rm ${place}`));
    if (found.uid !== process.getuid?.()) {
      return err(unsafe(place, "it belongs to another user", "choose another with --state-dir"));
    }
    if ((found.mode & groupOrOthers) !== 0) {
      return err(unsafe(place, "others can enter it", `chmod 700 ${place}`));
    }
    return ok(undefined);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return err(unsafe(place, why, "make its parent writable, or choose another with --state-dir"));
  }
}

function unsafe(place: string, why: string, remedy: string): Failure {
  return failure("state-unsafe", `${place} cannot be used: ${why}`, remedy, { data: { place } });
}

/**
 * Makes every directory, takes the lock, opens the store; what was taken is given back when the rest fails.
 * Where systemd made the socket (`hasSocket`), it also made the directory of it, open to whom the unit says.
 */
export function openGround({ paths }: DaemonConfig, hasSocket: boolean): Result<Ground, Failure> {
  const { stateDir, runtimeDir, runsDir, artifactsDir } = paths;
  const runtime = hasSocket ? [] : [runtimeDir];
  for (const place of [stateDir, ...runtime, runsDir, artifactsDir]) {
    const made = privateDirectory(place);
    if (!made.ok) return made;
  }
  const lock = takeLock(paths.lockFile);
  if (!lock.ok) return lock;
  const store = Store.open(paths.database, systemClock);
  if (store.ok) return ok({ lock: lock.value, store: store.value });
  lock.value.release();
  return store;
}

/** What an earlier daemon, maybe with a larger budget, has promised to work that may still run. */
export function promisedBytes({ reservations }: Store): number {
  return reservations.all().reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
}

/** Gives back what {@link openGround} took. */
export function closeGround({ lock, store }: Ground): void {
  store.close();
  lock.release();
}
