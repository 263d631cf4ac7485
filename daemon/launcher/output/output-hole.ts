import { longestHoleBytes, parseHole, type LogHole } from "../../base/logs/log-hole.ts";
import { attemptFiles, readOwn, writeOwn, type Stream } from "../attempt-files.ts";

/** The gap in one stream of an attempt; undefined when all of it is there. */
export function holeOf(directory: string, stream: Stream): LogHole | undefined {
  return parseHole(readOwn(attemptFiles(directory).hole(stream), longestHoleBytes) ?? "");
}

/** Records the gap, before it is made: a reader in between skips bytes that are still there. */
export function writeHole(directory: string, stream: Stream, hole: LogHole): void {
  writeOwn(attemptFiles(directory).hole(stream), `${JSON.stringify(hole)}\n`);
}
