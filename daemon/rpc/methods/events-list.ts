import { ok } from "../../domain/result.ts";
import type { MethodResult } from "../../protocol/methods.ts";
import { define } from "../context.ts";
import { missedAfter } from "../feeds/event-feed.ts";

/** A page of the event log. */
export const eventsList = define("events.list", ({ since, limit }, { events }) => {
  const page = events.since(since, limit);
  const missed = missedAfter(events, since);
  // The wire's type of JSON is the same, but not readonly.
  const rows = page as MethodResult<"events.list">["events"];
  return ok({ events: rows, missed, next: page.at(-1)?.seq ?? since + missed });
});
