import { wireLimits } from "../daemon/protocol/limits.ts";
import { ok, type Result } from "../daemon/protocol/units.ts";
import type { Link } from "./link.ts";
import { pin, readPage, type LogPlace, type LogTarget, type Stream } from "./log-pages.ts";
import type { Refusal } from "./refusal.ts";

/** The end of a log: so many last lines, where they begin and where to go on. */
export interface LogTail {
  readonly bytes: Uint8Array;
  /** Where to go on reading. */
  readonly end: LogPlace;
  /** Something stands before these lines. */
  readonly cut: boolean;
}

const newline = 0x0a;

/** Reads the last lines of a log, page by page from its end. */
export async function readTail(
  link: Link,
  target: LogTarget,
  stream: Stream,
  lines: number,
): Promise<Result<LogTail, Refusal>> {
  const last = await readPage(link, target, stream, { offset: -wireLimits.logPageBytes });
  if (!last.ok) return last;
  const { attempt, step, next } = last.value;
  let { bytes, offset } = last.value;
  let start = lastLines(bytes, lines);
  while (start === 0 && offset > 0) {
    const from = Math.max(0, offset - wireLimits.logPageBytes);
    const page = await readPage(link, pin(target, { attempt, step }), stream, {
      offset: from,
      limit: offset - from,
    });
    if (!page.ok) return page;
    // A hole ends where the next bytes begin: what is before it does not belong to these lines.
    if (page.value.dropped > 0 || page.value.bytes.length === 0) break;
    bytes = Buffer.concat([page.value.bytes, bytes]);
    offset = page.value.offset;
    start = lastLines(bytes, lines);
  }
  return ok({
    end: { attempt, step, offset: next },
    bytes: bytes.subarray(start),
    cut: start > 0 || offset > 0,
  });
}

/** Index where the last so many lines begin; 0 when there are not more. */
function lastLines(bytes: Uint8Array, lines: number): number {
  if (lines === 0) return bytes.length;
  let index = bytes.length - (bytes.at(-1) === newline ? 1 : 0);
  for (let found = 0; found < lines; found++) {
    index = index <= 0 ? -1 : bytes.lastIndexOf(newline, index - 1);
    if (index === -1) return 0;
  }
  return index + 1;
}
