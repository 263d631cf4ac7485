import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { formatInstant } from "./duration.ts";
import { escapeText, toJson } from "./escape.ts";
import { paint, type Style } from "./style.ts";

/** An event as the wire carries it. */
export type BlutEvent = MethodResult<"events.list">["events"][number];

/** One event as one line: when, its number, what, of which run, and its facts. */
export function eventLine(event: BlutEvent, style: Style): string {
  const { at, seq, kind, runId, attemptId, facts } = event;
  const about = [runId, attemptId].filter((id) => id !== undefined);
  const said = Object.entries(facts).map(
    ([name, value]) => `${name}=${typeof value === "string" ? quoted(value) : toJson(value)}`,
  );
  return [
    paint(style, "dim", `${formatInstant(at, style.now)} #${seq}`),
    paint(style, "bold", kind),
    ...[...about, ...said].map((word) => escapeText(word, style.unicode)),
  ].join(" ");
}

function quoted(text: string): string {
  return /^[^\s"=]+$/.test(text) ? text : toJson(text);
}
