import { closeSync, constants, openSync, rmSync, writeSync } from "node:fs";
import { isDiskFull } from "../../base/system-error.ts";
import { failure, type Failure } from "../../domain/failure.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { attemptFiles, createLogs, type LogFds } from "../attempt-files.ts";
import type { LaunchSpec } from "../launcher.ts";
import { rememberShim } from "../process-record.ts";
import { readProcess, type ProcessIdentity } from "../process-table.ts";
import { gateText } from "./gate.ts";
import type { Shim } from "./shim.ts";
import type { SpareShims } from "./spare-shims.ts";

/** A shim at its gate, with its logs open, its orders written and its number on record. */
export interface WaitingShim {
  readonly shim: Shim;
  readonly identity: ProcessIdentity;
  readonly logs: LogFds;
  /** What it will be told, in a file that has no name any more. */
  readonly orders: number;
}

/** Linux takes no longer argument, its final zero included. */
const longestArgumentBytes = 128 * 1024 - 1;

/**
 * Makes the logs and the orders, takes a shim and remembers it on disk. On failure nothing is left
 * running: the shim finds its gate closed.
 */
export async function startShim(
  spec: LaunchSpec,
  spares: SpareShims,
): Promise<Result<WaitingShim, Failure>> {
  if (spec.argv.some((argument) => Buffer.byteLength(argument) > longestArgumentBytes))
    return err(tooLong(spec));
  const files = attempt(spec.directory, () => createFiles(spec));
  if (!files.ok) return files;
  const shim = await spares.take();
  if (!shim.ok) {
    closeFiles(files.value);
    return shim;
  }
  const identity = readProcess(shim.value.pid);
  const remembered =
    identity === undefined
      ? err(goneAtOnce(spec))
      : attempt(spec.directory, () => {
          rememberShim(spec.directory, identity);
          return { shim: shim.value, identity, ...files.value };
        });
  if (!remembered.ok) {
    shim.value.abandon();
    closeFiles(files.value);
  }
  return remembered;
}

/** Lets the command run. Settles when the shim has its orders, or is gone. */
export async function openGate({ shim, orders }: WaitingShim): Promise<void> {
  await shim.open(ownFile(orders));
  closeSync(orders);
}

/** Gives a start up before its command ran. */
export function abandonShim(waiting: WaitingShim): void {
  waiting.shim.abandon();
  closeFiles(waiting);
}

type StartFiles = Pick<WaitingShim, "logs" | "orders">;

function createFiles(spec: LaunchSpec): StartFiles {
  const logs = createLogs(spec.directory);
  try {
    return { logs, orders: writeOrders(spec, logs) };
  } catch (error) {
    closeLogs(logs);
    throw error;
  }
}

/**
 * The file loses its name before anything is in it: what stands there (the environment) is on no disk
 * under any name, and goes with the daemon. The shim reaches it, and its logs, through our descriptors,
 * so that no path stands between the two that something could swap.
 */
function writeOrders(spec: LaunchSpec, logs: LogFds): number {
  const file = attemptFiles(spec.directory).orders;
  rmSync(file, { force: true });
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const fd = openSync(file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    rmSync(file);
    const { text, leftOut } = gateText({
      ...spec,
      logs: { stdout: ownFile(logs.stdout), stderr: ownFile(logs.stderr) },
    });
    writeAll(fd, text);
    noteLeftOut(leftOut, logs.stderr);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}

/** A file of ours, as any process of the same user can open it, whatever became of its name. */
function ownFile(fd: number): string {
  return `/proc/${process.pid}/fd/${fd}`;
}

/** Functions that bash exported are no variables to any other program, so nobody misses them. */
function noteLeftOut(names: readonly string[], stderr: number): void {
  const missed = names.filter((name) => !/^BASH_FUNC_.*%%$/.test(name));
  if (missed.length === 0) return;
  const list = missed.map((name) => JSON.stringify(name)).join(", ");
  try {
    writeSync(stderr, `blut: not passed on, a shell cannot export such names: ${list}\n`);
  } catch {
    // A full disk is the command's to meet.
  }
}

function closeFiles({ logs, orders }: StartFiles): void {
  closeLogs(logs);
  closeSync(orders);
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

function tooLong({ attemptId }: LaunchSpec): Failure {
  return failure(
    "could-not-start",
    `an argument of ${attemptId} is longer than the kernel takes`,
    "shorten the arguments: pass a file instead",
  );
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
