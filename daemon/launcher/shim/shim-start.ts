import { closeSync } from "node:fs";
import { isDiskFull } from "../../base/system-error.ts";
import { failure, type Failure } from "../../domain/failure.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { createLogs, type LogFds } from "../attempt-files.ts";
import type { LaunchSpec } from "../launcher.ts";
import { rememberShim } from "../process-record.ts";
import { readProcess, type ProcessIdentity } from "../process-table.ts";
import { spawnShim, type Shim } from "./shim.ts";

/** A shim at its gate, with its logs open and its number on record. */
export interface WaitingShim {
  readonly shim: Shim;
  readonly identity: ProcessIdentity;
  readonly logs: LogFds;
}

/**
 * Makes the logs, spawns the shim and remembers it on disk. On failure nothing is left running: what
 * was spawned finds its gate closed.
 */
export async function startShim(spec: LaunchSpec): Promise<Result<WaitingShim, Failure>> {
  const logs = attempt(spec.directory, () => createLogs(spec.directory));
  if (!logs.ok) return logs;
  const shim = await spawnShim(spec, logs.value);
  if (!shim.ok) {
    closeLogs(logs.value);
    return shim;
  }
  const identity = readProcess(shim.value.pid);
  const remembered =
    identity === undefined
      ? err(goneAtOnce(spec))
      : attempt(spec.directory, () => {
          rememberShim(spec.directory, identity);
          return { shim: shim.value, identity, logs: logs.value };
        });
  if (!remembered.ok) abandon(shim.value, logs.value);
  return remembered;
}

/** Gives a start up before its command ran. */
export function abandonShim({ shim, logs }: WaitingShim): void {
  abandon(shim, logs);
}

function abandon(shim: Shim, logs: LogFds): void {
  shim.abandon();
  closeLogs(logs);
}

function closeLogs(logs: LogFds): void {
  closeSync(logs.stdout);
  closeSync(logs.stderr);
}

function attempt<T>(directory: string, action: () => T): Result<T, Failure> {
  try {
    return ok(action());
  } catch (error) {
    return err(unwritable(directory, error));
  }
}

function goneAtOnce({ attemptId }: LaunchSpec): Failure {
  return failure(
    "could-not-start",
    `the first process of ${attemptId} was gone at once`,
    "somebody or something kills processes on this box: look into the kernel's log",
    { retryable: true },
  );
}

function unwritable(directory: string, cause: unknown): Failure {
  const why = cause instanceof Error ? cause.message : String(cause);
  return failure(
    isDiskFull(cause) ? "storage-full" : "could-not-start",
    `the attempt's files cannot be made in ${directory}: ${why}`,
    "make room, or give the state directory back to the user that blutd runs as",
    { retryable: true },
  );
}
