import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { openOwnFileSync } from "../base/own-file.ts";

/** The two streams of an attempt. */
export const streams = ["stdout", "stderr"] as const;
export type Stream = (typeof streams)[number];

/** Paths of what a launcher keeps in an attempt's directory. */
export function attemptFiles(directory: string) {
  return {
    log: (stream: Stream) => path.join(directory, `${stream}.log`),
    hole: (stream: Stream) => path.join(directory, `${stream}.hole`),
    started: path.join(directory, "started"),
    result: path.join(directory, "result.json"),
    orders: path.join(directory, "orders"),
    process: path.join(directory, "process.json"),
    starved: path.join(directory, "starved"),
  };
}

/** Both log files, open; the daemon closes its own copies once the attempt has ended. */
export type LogFds = Readonly<Record<Stream, number>>;

/**
 * Makes both logs before the start, so that nothing of the command's is ever opened by a path that it
 * could have swapped. What an earlier try of the same attempt left behind was never run, and goes.
 */
export function createLogs(directory: string): LogFds {
  const files = attemptFiles(directory);
  const create = (stream: Stream): number => {
    rmSync(files.log(stream), { force: true });
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_APPEND } = constants;
    return openSync(files.log(stream), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND, 0o600);
  };
  const stdout = create("stdout");
  try {
    return { stdout, stderr: create("stderr") };
  } catch (error) {
    closeSync(stdout);
    throw error;
  }
}

/** The first bytes of one of our files, at most `capBytes`; undefined when it is not ours or larger. */
export function readOwn(file: string, capBytes: number): string | undefined {
  const fd = openOwnFileSync(file, constants.O_RDONLY);
  if (fd === undefined) return undefined;
  try {
    const buffer = Buffer.alloc(capBytes + 1);
    const length = readSync(fd, buffer, 0, buffer.length, 0);
    return length > capBytes ? undefined : buffer.toString("utf8", 0, length);
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

/** Writes a small file of ours by temporary name and rename: there is the whole of it, or none. */
export function writeOwn(file: string, text: string): void {
  const temporary = `${file}.new`;
  rmSync(temporary, { force: true });
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const fd = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, file);
}

/** Epoch ms of the command's first instruction; undefined when it never came to that. */
export function startedAt(directory: string): number | undefined {
  const stat = lstatSync(attemptFiles(directory).started, { throwIfNoEntry: false });
  return stat?.isFile() === true ? stat.mtimeMs : undefined;
}
