import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";

/** Stops what `events.subscribe` began; fine when there is nothing to stop. */
export const eventsUnsubscribe = define("events.unsubscribe", (_params, _context, { peer }) => {
  peer.setFeed(undefined);
  return ok({});
});
