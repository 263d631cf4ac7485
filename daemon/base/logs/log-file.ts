import type { FileHandle } from "node:fs/promises";
import { longestHoleBytes, parseHole, type LogHole } from "./log-hole.ts";
import { openOwnFile } from "../own-file.ts";

/** Some bytes of a log as they are. Offsets are those of the file. */
export interface LogPage {
  readonly bytes: Uint8Array;
  /** Of the first byte. */
  readonly offset: number;
  /** Where to go on. */
  readonly next: number;
  /** Bytes that are missing before the first one, the log having passed its cap. */
  readonly droppedBytes: number;
  /** Nothing followed when it was read. */
  readonly isAtEnd: boolean;
}

/** A hole that grows while a page is read spoils it; nothing grows them this often in a row. */
const mostTries = 5;

/**
 * Reads a page of a log. A negative offset counts from the end; one past the end is the end. The page
 * stops before a hole and the next one starts behind it. Undefined when the file is not one of ours.
 */
export async function readLogPage(
  path: string,
  offset: number,
  limitBytes: number,
): Promise<LogPage | undefined> {
  const file = await openOwnFile(path);
  if (file === undefined) return undefined;
  try {
    let hole = await readHole(path);
    for (let left = mostTries; ; left--) {
      const page = await readAround(file, hole, offset, limitBytes);
      const after = await readHole(path);
      // The middle is dropped while the work writes on: zeros of a new hole are nobody's output.
      if (left === 0 || after?.skipBytes === hole?.skipBytes) return page;
      hole = after;
    }
  } finally {
    await file.close();
  }
}

/** The hole of a log, or undefined when it has none or its record makes no sense. */
export async function readHole(logPath: string): Promise<LogHole | undefined> {
  const file = await openOwnFile(logPath.replace(/\.log$/, ".hole"));
  if (file === undefined) return undefined;
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(longestHoleBytes), 0);
    return parseHole(buffer.toString("utf8", 0, bytesRead));
  } finally {
    await file.close();
  }
}

async function readAround(
  file: FileHandle,
  hole: LogHole | undefined,
  asked: number,
  limitBytes: number,
): Promise<LogPage> {
  const { size } = await file.stat();
  const from = asked < 0 ? Math.max(0, size + asked) : Math.min(asked, size);
  const holeFrom = hole?.atBytes ?? Infinity;
  const holeTo = holeFrom + (hole?.skipBytes ?? 0);
  const isInHole = from >= holeFrom && (from < holeTo || from === holeFrom);
  const offset = isInHole ? Math.min(holeTo, size) : from;
  const end = Math.min(size, offset + limitBytes, offset < holeFrom ? holeFrom : Infinity);
  const { bytesRead, buffer } = await file.read(Buffer.alloc(end - offset), 0, null, offset);
  return {
    bytes: buffer.subarray(0, bytesRead),
    offset,
    next: offset + bytesRead,
    droppedBytes: isInHole ? missing(hole, offset - from, from) : 0,
    isAtEnd: offset + bytesRead >= size,
  };
}

/** Whoever comes from the start misses all of it; whoever was inside already, the rest. */
function missing(hole: LogHole | undefined, skippedBytes: number, from: number): number {
  return hole !== undefined && from === hole.atBytes ? hole.droppedBytes : skippedBytes;
}
