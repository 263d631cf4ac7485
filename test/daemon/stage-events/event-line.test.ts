import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseEventLine, parseLastLine } from "../../../daemon/stage-events/event-line.ts";
import { LineSplitter } from "../../../daemon/stage-events/line-splitter.ts";
import { longestLineBytes, type LineVerdict } from "../../../daemon/stage-events/stage-event.ts";

const wire = (name: string): Buffer =>
  readFileSync(new URL(`../../data/wire/${name}`, import.meta.url));

/** What the file beside the lines says of each. */
interface Told {
  readonly line: number;
  readonly event?: object;
  readonly problem?: object;
  readonly blank?: true;
}

function toldOf(line: number, verdict: LineVerdict): Told {
  switch (verdict.kind) {
    case "event":
      return { line, event: verdict.event };
    case "problem":
      return { line, problem: verdict.problem };
    case "blank":
      return { line, blank: true };
  }
}

/** The verdicts on a whole file that comes in chunks of so many bytes. */
function verdictsOf(bytes: Buffer, chunkBytes: number): Told[] {
  const splitter = new LineSplitter();
  const told: Told[] = [];
  const chunk = Buffer.alloc(chunkBytes);
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const length = bytes.copy(chunk, 0, at);
    splitter.push(chunk.subarray(0, length), (line) => {
      told.push(toldOf(told.length + 1, parseEventLine(line)));
    });
    chunk.fill(0);
    expect(splitter.heldBytes).toBeLessThanOrEqual(longestLineBytes + 1);
  }
  const rest = splitter.rest();
  if (rest !== undefined) told.push(toldOf(told.length + 1, parseLastLine(rest)));
  return told;
}

describe("the lines of a stage", () => {
  const expected = JSON.parse(wire("events.verdicts.json").toString()) as readonly Told[];

  it.each([7, 1000, 65_536, 1_000_000])("are what they are, read %d bytes at a time", (bytes) => {
    expect(verdictsOf(wire("events.jsonl"), bytes)).toStrictEqual(expected);
  });

  it("of 100 MB costs no more than one of 64 KiB", () => {
    const splitter = new LineSplitter();
    const lines: number[] = [];
    const chunk = Buffer.alloc(1 << 20, "x");
    for (let sent = 0; sent < 100; sent++) splitter.push(chunk, ({ length }) => lines.push(length));
    expect(splitter.heldBytes).toBe(longestLineBytes + 1);
    splitter.push(Buffer.from('\n{"type":"heartbeat"}\n'), ({ length }) => lines.push(length));
    expect(lines).toEqual([longestLineBytes + 1, 20]);
    expect(splitter.rest()).toBeUndefined();
  });

  it("that is the last one counts without its newline, if it is whole", () => {
    expect(parseLastLine(Buffer.from('{"type":"heartbeat"}')).kind).toBe("event");
    expect(parseLastLine(Buffer.alloc(longestLineBytes + 1))).toMatchObject({
      problem: { reason: "too-long" },
    });
  });
});
