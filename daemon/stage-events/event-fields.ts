import { nonFiniteNames, type MetricValue } from "../domain/metric.ts";
import type { StageEvent } from "./stage-event.ts";

/** A parsed line. */
export type Fields = Readonly<Record<string, unknown>>;

/** Ends of the time that a Date can be. */
const latestAt = 8.64e15;
const longest = { nameBytes: 128, messageBytes: 1000, pathBytes: 4095 };

/** How a bare `NaN` of a line stands in the JSON that is made of it: no field but a value may be one. */
export function bareWord(word: string): string {
  return `[null,"${word}"]`;
}

/** What the fields of an event of that type say, or the name of the one that is wrong. */
export function readFields(type: string, fields: Fields): StageEvent | string {
  const read = new FieldReader(fields);
  const event = eventOf(type, read);
  const at = read.optional("at", isInstant);
  if (read.wrong !== undefined) return read.wrong;
  return at === undefined ? event : { ...event, at };
}

function eventOf(type: string, read: FieldReader): StageEvent {
  switch (type) {
    case "heartbeat":
      return { type };
    case "progress": {
      const done = read.needed("done", isAmount, 0);
      const total = read.optional("total", isTotal);
      const message = read.optional("message", isMessage);
      return {
        type,
        done,
        ...(total !== undefined && { total }),
        ...(message !== undefined && { message }),
      };
    }
    case "metric": {
      const name = read.needed("name", isName, "");
      return { type, name, value: read.metricValue(), ...read.step() };
    }
    case "checkpoint":
      return { type, file: read.needed("file", isPath, ""), ...read.step() };
    case "artifact":
      return { type, name: read.needed("name", isName, ""), path: read.needed("path", isPath, "") };
    default:
      return { type: "unknown", name: type };
  }
}

/** Reads fields one by one and remembers the first that is not what it should be. */
class FieldReader {
  wrong: string | undefined;
  readonly #fields: Fields;

  constructor(fields: Fields) {
    this.#fields = fields;
  }

  needed<T>(name: string, is: (value: unknown) => value is T, none: T): T {
    const value = this.#fields[name];
    if (is(value)) return value;
    this.wrong ??= name;
    return none;
  }

  /** Python programs write `null` for what they do not have. */
  optional<T>(name: string, is: (value: unknown) => value is T): T | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    if (is(value)) return value;
    this.wrong ??= name;
    return undefined;
  }

  step(): { readonly step?: number } {
    const step = this.optional("step", isNumber);
    return step === undefined ? {} : { step };
  }

  /** A number too large for a double was read as infinite, and is called so. */
  metricValue(): MetricValue {
    const value = this.#fields["value"];
    if (isNumber(value)) return value;
    const said = Array.isArray(value) && value[0] === null ? (value[1] as unknown) : value;
    const word = typeof said === "number" ? String(said) : said;
    const name = nonFiniteNames.find((known) => known === word);
    return name ?? this.needed("value", isNumber, 0);
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isAmount(value: unknown): value is number {
  return isNumber(value) && value >= 0;
}

function isTotal(value: unknown): value is number {
  return isNumber(value) && value > 0;
}

function isInstant(value: unknown): value is number {
  return isAmount(value) && value <= latestAt;
}

function isMessage(value: unknown): value is string {
  return isText(value, 0, longest.messageBytes);
}

function isText(value: unknown, least: number, most: number): value is string {
  if (typeof value !== "string" || value.length < least || value.length > most) return false;
  return Buffer.byteLength(value) <= most;
}

function isName(value: unknown): value is string {
  return isText(value, 1, longest.nameBytes);
}

function isPath(value: unknown): value is string {
  return isText(value, 1, longest.pathBytes) && !value.includes("\0");
}
