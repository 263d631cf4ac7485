import { failure } from "../../domain/failure.ts";
import { err, ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { EventFeed } from "../feeds/event-feed.ts";

/** Sends events from a cursor on, in place of what this connection was sent before. */
export const eventsSubscribe = define("events.subscribe", ({ since }, { events }, { peer }) => {
  const { last } = events.bounds();
  if (since !== undefined && since > last) {
    const message = `the cursor ${since} is past the newest event, ${last}`;
    const remedy = "it is of another database: subscribe without `since`, or from 0";
    return err(failure("invalid-request", message, remedy, { data: { last } }));
  }
  const cursor = since ?? last;
  peer.setFeed(new EventFeed(events, peer, cursor));
  return ok({ cursor });
});
