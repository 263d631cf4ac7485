import path from "node:path";
import { didYouMean, quoted } from "../../base/quoted.ts";
import type { ArgumentSpec, ArgumentValue } from "../../domain/argument.ts";
import type { JsonValue } from "../../domain/event.ts";
import { err, ok, type Result } from "../../domain/result.ts";

const wholeText = /^[+-]?\d{1,16}$/;
const decimalText = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const notFinite: Readonly<Record<string, number>> = {
  nan: NaN,
  inf: Infinity,
  infinity: Infinity,
};

/** The value that a text means for an argument of this type; the error is a sentence. */
export function readValue(
  text: string,
  { type }: Pick<ArgumentSpec, "type">,
): Result<ArgumentValue, string> {
  switch (type) {
    case "string":
    case "path":
      return ok(text);
    case "bool":
      return text === "true" || text === "false" ? ok(text === "true") : malformed(type, text);
    case "int": {
      const value = wholeText.test(text) ? Number(text) : NaN;
      return Number.isSafeInteger(value) ? ok(value + 0) : malformed(type, text);
    }
    case "float": {
      const value = readNumber(text);
      return value === undefined ? malformed(type, text) : ok(value);
    }
  }
}

/** The value of an argument that nobody declared: a number or a truth value where the text looks like one. */
export function guessValue(text: string): ArgumentValue {
  if (text === "true" || text === "false") return text === "true";
  return readNumber(text) ?? text;
}

/** What is wrong with a value for an argument; undefined when it may have it. */
export function valueProblem(value: unknown, spec: ArgumentSpec): string | undefined {
  const { type, range, choices } = spec;
  if (!isOfType(value, type)) return `expected ${expected[type]}, got ${shown(value)}`;
  if (choices !== undefined && !choices.includes(value)) {
    const known = choices.map(String);
    return `expected one of ${known.join(", ")}, got ${shown(value)}${didYouMean(String(value), known)}`;
  }
  if (range === undefined || typeof value !== "number") return undefined;
  const [least, most] = range;
  // What is not a number is in no range.
  const isWithin = value >= least && value <= most;
  return isWithin ? undefined : `expected ${least} to ${most}, got ${value}`;
}

/** A path from the directory that the text was written in; anything else as it is. */
export function placed(
  value: ArgumentValue,
  { type }: Pick<ArgumentSpec, "type">,
  directory: string,
): ArgumentValue {
  return type === "path" && typeof value === "string" ? path.resolve(directory, value) : value;
}

/** A value as a word of a command line has it. */
export function valueText(value: ArgumentValue): string {
  return String(value);
}

/** A value as JSON has it: a number that is not finite by its name. */
export function valueJson(value: ArgumentValue): JsonValue {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

const expected = {
  string: "a text",
  int: "a whole number",
  float: "a number",
  bool: "true or false",
  path: "a path",
} as const;

function isOfType(value: unknown, type: ArgumentSpec["type"]): value is ArgumentValue {
  switch (type) {
    case "string":
    case "path":
      return typeof value === "string" && !value.includes("\0");
    case "bool":
      return typeof value === "boolean";
    case "int":
      return Number.isSafeInteger(value);
    case "float":
      return typeof value === "number";
  }
}

/** A number as people write it; -0 is 0, since no command line could tell them apart. */
function readNumber(text: string): number | undefined {
  if (decimalText.test(text)) {
    const value = Number(text) + 0;
    return Number.isFinite(value) ? value : undefined;
  }
  const [, sign = "", name = ""] = /^([+-]?)([a-z]+)$/i.exec(text) ?? [];
  const value = notFinite[name.toLowerCase()];
  return value === undefined ? undefined : sign === "-" ? -value : value;
}

function malformed(type: ArgumentSpec["type"], text: string): Result<never, string> {
  return err(`expected ${expected[type]}, got ${quoted(text)}`);
}

function shown(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return Array.isArray(value) ? "a list" : "a table";
}
