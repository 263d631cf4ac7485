import { rpcCodes } from "./error-codes.ts";
import { wireLimits } from "./limits.ts";

/** What the bytes of a peer turned out to be: a JSON value, or something to answer with this error. */
export type FrameEvent =
  | { readonly kind: "frame"; readonly value: unknown }
  | {
      readonly kind: "broken";
      readonly code: number;
      readonly message: string;
      /** Nothing that follows can be trusted: answer, then close. */
      readonly close: boolean;
    };

/** What a frame may be before it is refused unread. */
export interface FrameLimits {
  /** Largest frame, its newline included. */
  readonly frameBytes: number;
  /** Deepest nesting of arrays and objects. */
  readonly depth: number;
  /** Most commas outside of strings: each may become a value, and a value costs far more than its bytes. */
  readonly values: number;
}

/** The limits of both ends of the wire. */
export const frameLimits: FrameLimits = {
  frameBytes: wireLimits.frameBytes,
  depth: 64,
  values: 200_000,
};

const newline = 0x0a;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** A buffer above this is given back once its frame is done, so that idle peers cost little. */
const keptBytes = 64 * 1024;

/**
 * Cuts a peer's bytes into frames: one JSON value per line, UTF-8. Holds at most one frame, grows its
 * buffer by doubling, and after a break that asks for closing it swallows everything.
 */
export class FrameDecoder {
  readonly #limits: FrameLimits;
  #held = new Uint8Array(0);
  #used = 0;
  #dead = false;

  constructor(limits: FrameLimits = frameLimits) {
    this.#limits = limits;
  }

  /** Bytes of a frame that has begun and not ended. */
  get pendingBytes(): number {
    return this.#used;
  }

  /** Takes the next bytes, however they are cut, and answers what they completed. */
  push(chunk: Uint8Array): FrameEvent[] {
    const events: FrameEvent[] = [];
    let start = 0;
    while (!this.#dead && start < chunk.length) {
      const end = chunk.indexOf(newline, start);
      const part = chunk.subarray(start, end === -1 ? chunk.length : end);
      start += part.length + 1;
      if (this.#used + part.length >= this.#limits.frameBytes) {
        this.#add(events, tooLarge(this.#limits.frameBytes));
      } else if (end === -1) {
        this.#hold(part);
      } else {
        this.#add(events, this.#complete(part));
      }
    }
    return events;
  }

  #add(events: FrameEvent[], event: FrameEvent | undefined): void {
    if (event === undefined) return;
    events.push(event);
    if (event.kind === "broken" && event.close) {
      this.#dead = true;
      this.#forget();
    }
  }

  #complete(part: Uint8Array): FrameEvent | undefined {
    if (this.#used === 0) return readFrame(part, this.#limits);
    this.#hold(part);
    const event = readFrame(this.#held.subarray(0, this.#used), this.#limits);
    this.#used = 0;
    if (this.#held.length > keptBytes) this.#forget();
    return event;
  }

  #hold(part: Uint8Array): void {
    const needed = this.#used + part.length;
    if (needed > this.#held.length) {
      const roomy = Math.min(Math.max(needed, 2 * this.#held.length), this.#limits.frameBytes);
      const grown = new Uint8Array(roomy);
      grown.set(this.#held.subarray(0, this.#used));
      this.#held = grown;
    }
    this.#held.set(part, this.#used);
    this.#used = needed;
  }

  #forget(): void {
    this.#held = new Uint8Array(0);
    this.#used = 0;
  }
}

/**
 * One value as a frame, newline included. Undefined when it would pass the limit: the other side
 * would cut the connection, so a frame like that is never sent.
 */
export function encodeFrame(
  value: unknown,
  frameBytes: number = frameLimits.frameBytes,
): string | undefined {
  const text = `${JSON.stringify(value)}\n`;
  // Three bytes of UTF-8 at most for each UTF-16 unit: short texts need no counting.
  const fits = text.length * 3 <= frameBytes || Buffer.byteLength(text) <= frameBytes;
  return fits ? text : undefined;
}

/** Undefined for a blank line, which is nobody's frame. */
function readFrame(bytes: Uint8Array, limits: FrameLimits): FrameEvent | undefined {
  const shape = scan(bytes);
  if (shape.nul) return broken("a NUL byte in a frame", true);
  if (shape.depth > limits.depth) {
    return broken(`arrays and objects nest deeper than ${limits.depth}`, true);
  }
  if (shape.values > limits.values) {
    return broken(`more than ${limits.values} values in one frame`, false);
  }
  const text = decodeUtf8(bytes);
  if (text === undefined) return broken("a frame that is not UTF-8", true);
  if (text.trim() === "") return undefined;
  return parse(text);
}

function parse(text: string): FrameEvent {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const message = "a frame that is not JSON: expected one JSON value per line";
    return { kind: "broken", code: rpcCodes.parseError, message, close: false };
  }
  // Only a text like this can hold what the walk looks for, and few do.
  const problem = /__proto__|\\u/.test(text) ? findPoison(value) : undefined;
  return problem === undefined ? { kind: "frame", value } : broken(problem.message, problem.close);
}

/** Finds a key that would reach a prototype, or half a character, which no UTF-8 can carry on. */
function findPoison(root: unknown): { message: string; close: boolean } | undefined {
  const open: unknown[] = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value === "string" && !value.isWellFormed()) {
      return { message: "a lone surrogate in a text", close: true };
    }
    if (typeof value !== "object" || value === null) continue;
    if (Object.hasOwn(value, "__proto__")) {
      return { message: "`__proto__` is not a name that may be used", close: false };
    }
    for (const [key, inner] of Object.entries(value)) open.push(key, inner);
  }
  return undefined;
}

/** Reads the shape of a JSON text without believing it: no recursion, nothing built. */
function scan(bytes: Uint8Array): { depth: number; values: number; nul: boolean } {
  let depth = 0;
  let deepest = 0;
  let values = 1;
  let inText = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === 0) return { depth: deepest, values, nul: true };
    if (inText) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) inText = true;
    else if (byte === 0x5b || byte === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x5d || byte === 0x7d) depth--;
    else if (byte === 0x2c) values++;
  }
  return { depth: deepest, values, nul: false };
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function tooLarge(frameBytes: number): FrameEvent {
  return broken(`a frame may have at most ${frameBytes} bytes, its newline included`, true);
}

function broken(message: string, close: boolean): FrameEvent {
  return { kind: "broken", code: rpcCodes.invalidRequest, message, close };
}
