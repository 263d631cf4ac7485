import { deepStrictEqual, ok as holds } from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  maxDurationMs,
  maxSizeBytes,
  parseDuration,
  parseSize,
} from "../../daemon/domain/quantity.ts";
import {
  encodeFrame,
  FrameDecoder,
  frameLimits,
  type FrameEvent,
  type FrameLimits,
} from "../../daemon/protocol/framing.ts";
import { parseEventLine, parseLastLine } from "../../daemon/stage-events/event-line.ts";
import { LineSplitter } from "../../daemon/stage-events/line-splitter.ts";
import { longestLineBytes, type LineVerdict } from "../../daemon/stage-events/stage-event.ts";
import { seededRandom, type Random } from "./mutate.ts";
import { scheduleTargets } from "./schedule-targets.ts";

/** One parser, what to begin with, and what must hold for any bytes whatever; a throw is a find. */
export interface FuzzTarget {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  readonly tokens: readonly string[];
  readonly check: (input: Uint8Array) => void;
}

const corpus = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../data/wire/${name}`, import.meta.url), "utf8"));

/** Frames with what they decode to; every implementation of the wire passes them. */
export const wireFrames = corpus("frames.json") as readonly {
  readonly name: string;
  readonly base64: string;
  readonly events: readonly Partial<FrameEvent>[];
}[];

/** Texts with what they mean, null where they are refused. */
export const quantities = corpus("quantities.json") as {
  readonly sizes: Readonly<Record<string, number | null>>;
  readonly durations: Readonly<Record<string, number | null>>;
};

/** The lines of a stage's event file that are of a size to mutate. */
const eventLines = readFileSync(new URL("../data/wire/events.jsonl", import.meta.url))
  .toString("latin1")
  .split("\n")
  .filter((line) => line.length < 1000)
  .map((line) => Buffer.from(line, "latin1"));

/** Small caps, so that inputs of a few dozen bytes reach them. */
const tight: FrameLimits = { frameBytes: 48, depth: 6, values: 8 };

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "frame decoder",
    seeds: wireFrames.map(({ base64 }) => Buffer.from(base64, "base64")),
    tokens: [
      "\n",
      '"',
      "\\",
      "\\u",
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      "\0",
      "__proto__",
      "\\ud800",
      "null",
    ],
    check(input) {
      checkFrames(input, frameLimits);
      checkFrames(input, tight);
    },
  },
  {
    name: "size",
    seeds: Object.keys(quantities.sizes).map((text) => Buffer.from(text)),
    tokens: ["0", "9", ".", "K", "M", "G", "T", "i", "B", "-", "e", " "],
    check: checkSize,
  },
  {
    name: "duration",
    seeds: Object.keys(quantities.durations).map((text) => Buffer.from(text)),
    tokens: ["0", "9", ".", "ms", "s", "m", "h", "d", "-", "e", " "],
    check: checkDuration,
  },
  {
    name: "event lines",
    seeds: eventLines,
    tokens: [
      "\n",
      '"',
      "\\",
      "{",
      "}",
      ":",
      ",",
      "NaN",
      "-Infinity",
      "1e999",
      "null",
      "\xff",
      "type",
    ],
    check: checkEventLines,
  },
  ...scheduleTargets,
];

function checkFrames(input: Uint8Array, limits: FrameLimits): void {
  const whole = new FrameDecoder(limits).push(input);
  deepStrictEqual(inPieces(input, limits, seededRandom(input.length)), whole);
  for (const [i, event] of whole.entries()) {
    if (event.kind === "broken") {
      holds(!event.close || i === whole.length - 1, "something came after a close");
      continue;
    }
    const frame = encodeFrame(event.value);
    holds(frame !== undefined && !frame.slice(0, -1).includes("\n"), "a frame is one line");
    // JSON has no word for the infinity that 1e999 is read as, nor for -0.
    const value: unknown = JSON.parse(JSON.stringify(event.value));
    deepStrictEqual(new FrameDecoder().push(Buffer.from(frame)), [{ kind: "frame", value }]);
  }
  holds(Object.keys(Object.prototype).length === 0, "a prototype was reached");
}

function inPieces(input: Uint8Array, limits: FrameLimits, random: Random): FrameEvent[] {
  const decoder = new FrameDecoder(limits);
  const events: FrameEvent[] = [];
  for (let at = 0; at < input.length;) {
    const to = at + 1 + random(9);
    events.push(...decoder.push(input.subarray(at, to)));
    holds(decoder.pendingBytes < limits.frameBytes, "more was held than a frame may have");
    at = to;
  }
  return events;
}

function checkSize(input: Uint8Array): void {
  const text = Buffer.from(input).toString("utf8");
  const parsed = parseSize(text);
  if (!parsed.ok) {
    holds(parsed.error.startsWith("expected a size"), parsed.error);
    holds(parsed.error.length < 400, "a refusal echoes too much");
    return;
  }
  holds(/^[0-9.]+[KMGT]?i?B?$/.test(text), "a size of other characters");
  holds(Number.isSafeInteger(parsed.value), "a size that is not whole");
  holds(parsed.value >= 1 && parsed.value <= maxSizeBytes, "a size out of range");
}

function checkDuration(input: Uint8Array): void {
  const text = Buffer.from(input).toString("utf8");
  const parsed = parseDuration(text);
  if (!parsed.ok) {
    holds(parsed.error.startsWith("expected a duration"), parsed.error);
    holds(parsed.error.length < 400, "a refusal echoes too much");
    return;
  }
  holds(/^[0-9.mshd]+$/.test(text), "a duration of other characters");
  holds(Number.isSafeInteger(parsed.value), "a duration that is not whole");
  holds(parsed.value >= 1 && parsed.value <= maxDurationMs, "a duration out of range");
}

/** Cut anywhere, a stage's lines are the same lines; and each is an event that can be written down, or a problem. */
function checkEventLines(input: Uint8Array): void {
  const whole = eventVerdicts([input]);
  const random = seededRandom(input.length);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < input.length;) {
    const to = at + 1 + random(9);
    pieces.push(input.subarray(at, to));
    at = to;
  }
  deepStrictEqual(eventVerdicts(pieces), whole);
  for (const verdict of whole) {
    if (verdict.kind !== "event") continue;
    const { event } = verdict;
    const written = Buffer.from(JSON.stringify(event.type === "unknown" ? {} : event));
    if (event.type !== "unknown") deepStrictEqual(parseEventLine(written), verdict);
    if (event.type !== "metric") continue;
    const { name, value } = event;
    holds(name !== "" && Buffer.byteLength(name) <= 128, "a name of no size");
    holds(typeof value === "string" || Number.isFinite(value), "a value that is no number");
  }
  holds(Object.keys(Object.prototype).length === 0, "a prototype was reached");
}

function eventVerdicts(pieces: readonly Uint8Array[]): LineVerdict[] {
  const splitter = new LineSplitter();
  const verdicts: LineVerdict[] = [];
  for (const piece of pieces) {
    splitter.push(Buffer.from(piece), (line) => verdicts.push(parseEventLine(line)));
    holds(splitter.heldBytes <= longestLineBytes + 1, "more was held than a line may have");
  }
  const rest = splitter.rest();
  return rest === undefined ? verdicts : [...verdicts, parseLastLine(rest)];
}
