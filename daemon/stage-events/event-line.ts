import { isUtf8 } from "node:buffer";
import { bareWord, readFields, type Fields } from "./event-fields.ts";
import { longestLineBytes, type LineProblem, type LineVerdict } from "./stage-event.ts";

/** What a line is, given without its newline. Never throws, whatever the bytes are. */
export function parseEventLine(line: Buffer): LineVerdict {
  if (line.length > longestLineBytes) return problem({ reason: "too-long" });
  if (!isUtf8(line)) return problem({ reason: "not-utf8" });
  const text = line.toString("utf8");
  if (/^[ \t\r]*$/.test(text)) return { kind: "blank" };
  const parsed = parseStrictly(text) ?? parseStrictly(withWords(text));
  if (parsed === undefined) return problem({ reason: "not-json" });
  const { value } = parsed;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return problem({ reason: "not-object" });
  }
  const fields = value as Fields;
  if (typeof fields["type"] !== "string") return problem({ reason: "no-type" });
  const read = readFields(fields["type"], fields);
  return typeof read === "string"
    ? problem({ reason: "bad-field", field: read })
    : { kind: "event", event: read };
}

/** The last line of an ended stage, which has no newline: it may have been cut anywhere. */
export function parseLastLine(line: Buffer): LineVerdict {
  const verdict = parseEventLine(line);
  const isCut = verdict.kind === "problem" && verdict.problem.reason !== "too-long";
  return isCut ? problem({ reason: "cut-short" }) : verdict;
}

function problem(what: LineProblem): LineVerdict {
  return { kind: "problem", problem: what };
}

function parseStrictly(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/**
 * Python's `json` prints bare words for numbers that are not finite. Each that stands outside of a
 * string becomes a {@link bareWord}, not the word in quotes: a name that is NaN is a mistake.
 */
function withWords(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (found) =>
    found.startsWith('"') ? found : bareWord(found),
  );
}
