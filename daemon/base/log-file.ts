import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";

/** Bytes `[from, to)` of a log that were given back to the disk because the log passed its cap. */
export interface Hole {
  readonly from: number;
  readonly to: number;
}

/** A log opened for reading; the caller closes it. */
export interface OpenedLog {
  readonly fd: number;
  readonly sizeBytes: number;
}

/** Larger than any hole record; a job may have put anything there. */
const holeRecordBytes = 256;

/** Where the hole of `stdout.log` is recorded: `stdout.hole` beside it. */
export function holePath(logPath: string): string {
  return `${logPath.replace(/\.log$/, "")}.hole`;
}

/** The hole of a log, or undefined when it has none or the record makes no sense. */
export function readHole(logPath: string): Hole | undefined {
  const opened = openOwnFile(holePath(logPath));
  if (opened === undefined) return undefined;
  try {
    if (opened.sizeBytes > holeRecordBytes) return undefined;
    return parseHole(readFileSync(opened.fd, "utf8"));
  } finally {
    closeSync(opened.fd);
  }
}

/** Records the hole of a log: all or nothing, for a reader may look at any moment. */
export function writeHole(logPath: string, hole: Hole): void {
  const path = holePath(logPath);
  const next = `${path}.new`;
  // "wx" does not follow a link, but a leftover of a killed daemon would be in its way.
  rmSync(next, { force: true });
  writeFileSync(next, JSON.stringify({ from: hole.from, to: hole.to }), {
    flag: "wx",
    mode: 0o600,
  });
  renameSync(next, path);
}

/**
 * Opens a file in a folder that the work can write to, as far as that is safe: a regular file of ours
 * with one name. Never follows a link and never waits for a FIFO. Undefined for anything else.
 */
export function openOwnFile(path: string): OpenedLog | undefined {
  const fd = tryOpen(path);
  if (fd === undefined) return undefined;
  const facts = fstatSync(fd);
  if (facts.isFile() && facts.uid === process.getuid?.() && facts.nlink === 1) {
    return { fd, sizeBytes: facts.size };
  }
  closeSync(fd);
  return undefined;
}

function tryOpen(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    // A full file table is not an answer about this file.
    if (error instanceof Error && "code" in error && /^E[MN]FILE$/.test(String(error.code))) {
      throw error;
    }
    return undefined;
  }
}

function parseHole(text: string): Hole | undefined {
  const match = /^\{"from":(\d{1,15}),"to":(\d{1,15})\}$/.exec(text);
  const hole = { from: Number(match?.[1]), to: Number(match?.[2]) };
  return hole.from <= hole.to ? hole : undefined;
}
