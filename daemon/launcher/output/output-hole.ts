import { z } from "zod";
import { attemptFiles, readOwn, writeOwn, type Stream } from "../attempt-files.ts";

/**
 * The middle of a log that was dropped. A reader goes through the file up to `atBytes`, says that
 * `droppedBytes` are missing, and goes on at `atBytes + skipBytes`.
 */
export interface OutputHole {
  readonly atBytes: number;
  /** 0 where the file system knows no holes: what followed was cut off and written anew. */
  readonly skipBytes: number;
  readonly droppedBytes: number;
}

const count = z.int().min(0);
const shape = z.strictObject({ atBytes: count, skipBytes: count, droppedBytes: count });

/** The gap in one stream of an attempt; undefined when all of it is there. */
export function holeOf(directory: string, stream: Stream): OutputHole | undefined {
  try {
    return shape.parse(JSON.parse(readOwn(attemptFiles(directory).hole(stream), 1024) ?? ""));
  } catch {
    return undefined;
  }
}

/** Records the gap, before it is made: a reader in between skips bytes that are still there. */
export function writeHole(directory: string, stream: Stream, hole: OutputHole): void {
  writeOwn(attemptFiles(directory).hole(stream), `${JSON.stringify(hole)}\n`);
}
