import { z } from "zod";

const count = z.int().min(0);
const shape = z.strictObject({
  atBytes: count,
  /** 0 where what followed was cut off and written anew instead of being punched out. */
  skipBytes: count,
  droppedBytes: count,
});

/**
 * The dropped middle of a log that passed its cap: `droppedBytes` are missing at `atBytes`, and the
 * log goes on at `atBytes + skipBytes`.
 */
export type LogHole = Readonly<z.infer<typeof shape>>;

/** More than any record of a hole; the work may have put anything in its place. */
export const longestHoleBytes = 1024;

/** Reads the record of a hole; undefined when it makes no sense. */
export function parseHole(text: string): LogHole | undefined {
  try {
    return shape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
