import { z } from "zod";
import type { LogHole } from "../../base/log-file.ts";
import { attemptFiles, readOwn, writeOwn, type Stream } from "../attempt-files.ts";

const count = z.int().min(0);
const shape = z.strictObject({ atBytes: count, skipBytes: count, droppedBytes: count });

/** The gap in one stream of an attempt; undefined when all of it is there. */
export function holeOf(directory: string, stream: Stream): LogHole | undefined {
  try {
    return shape.parse(JSON.parse(readOwn(attemptFiles(directory).hole(stream), 1024) ?? ""));
  } catch {
    return undefined;
  }
}

/** Records the gap, before it is made: a reader in between skips bytes that are still there. */
export function writeHole(directory: string, stream: Stream, hole: LogHole): void {
  writeOwn(attemptFiles(directory).hole(stream), `${JSON.stringify(hole)}\n`);
}
