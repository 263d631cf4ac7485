import { randomInt } from "node:crypto";
import { isAttemptId, isRunId, type AttemptId, type RunId } from "../domain/ids.ts";
import type { Clock } from "./clock.ts";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const epochMs = Date.UTC(2026, 0, 1);
const tailSize = 2 ** 20;

/**
 * Makes ids that sort by creation even when the clock steps back: 8 characters of milliseconds since
 * 2026 and 4 that start at random and count up, all as one number that only grows.
 */
export class IdSource {
  readonly #clock: Clock;
  #last: bigint;

  /** `newest` is the largest id body ever made by this store, so that a restart keeps the order. */
  constructor(clock: Clock, newest?: string) {
    this.#clock = clock;
    this.#last = newest === undefined ? 0n : decode(newest);
  }

  runId(): RunId {
    const id = `run_${this.#body()}`;
    if (!isRunId(id)) throw new Error(`made a malformed id ${id}`);
    return id;
  }

  attemptId(): AttemptId {
    const id = `att_${this.#body()}`;
    if (!isAttemptId(id)) throw new Error(`made a malformed id ${id}`);
    return id;
  }

  #body(): string {
    const byClock =
      BigInt(Math.max(0, this.#clock.now() - epochMs)) * BigInt(tailSize) +
      BigInt(randomInt(tailSize / 2));
    this.#last = byClock > this.#last ? byClock : this.#last + 1n;
    return encode(this.#last);
  }
}

function encode(value: bigint): string {
  let text = "";
  for (let left = value, i = 0; i < 12; i++, left >>= 5n) {
    text = (alphabet[Number(left & 31n)] ?? "") + text;
  }
  return text;
}

function decode(body: string): bigint {
  let value = 0n;
  for (const char of body) value = (value << 5n) | BigInt(alphabet.indexOf(char));
  return value;
}
