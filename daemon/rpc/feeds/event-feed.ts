import type { BlutEvent } from "../../domain/event.ts";
import type { EventLog } from "../../events/event-log.ts";
import type { Feed, Peer } from "../call.ts";

/** Events read from the store at a time: a page is far smaller than a client's backlog. */
const pageSize = 200;

/**
 * One client's way through the event log, from a cursor on. It sends while the client reads and stops
 * while it does not: what is not sent waits in the log, not in memory. Events that the log dropped
 * meanwhile are counted and told.
 */
export class EventFeed implements Feed {
  readonly #events: EventLog;
  readonly #peer: Peer;
  readonly #stops: readonly (() => void)[];
  #cursor: number;
  #isStopped = false;

  /** Starts in the next turn of the event loop, so that the answer to the subscription goes first. */
  constructor(events: EventLog, peer: Peer, cursor: number) {
    this.#events = events;
    this.#peer = peer;
    this.#cursor = cursor;
    this.#stops = [
      events.onAppend((event) => {
        this.#take(event);
      }),
      peer.onClear(() => {
        this.#catchUp();
      }),
    ];
    setImmediate(() => {
      this.#catchUp();
    });
  }

  stop(): void {
    this.#isStopped = true;
    for (const stop of this.#stops) stop();
  }

  /** The next event in line needs no look into the store. */
  #take(event: BlutEvent): void {
    if (event.seq === this.#cursor + 1 && this.#peer.isClear()) this.#send(event);
    else this.#catchUp();
  }

  #catchUp(): void {
    while (!this.#isStopped && this.#peer.isClear()) {
      this.#tellGap();
      const page = this.#events.since(this.#cursor, pageSize);
      for (const event of page) {
        if (!this.#peer.isClear() || !this.#send(event)) return;
      }
      if (page.length < pageSize) return;
    }
  }

  #tellGap(): void {
    const missed = missedAfter(this.#events, this.#cursor);
    if (missed === 0) return;
    this.#cursor += missed;
    this.#peer.notify("events.gap", { missed, next: this.#cursor });
  }

  /** False when nobody is there any more. */
  #send(event: BlutEvent): boolean {
    this.#cursor = event.seq;
    return this.#peer.notify("events.event", event);
  }
}

/** How many events after the cursor were dropped from the log already. */
export function missedAfter(events: EventLog, cursor: number): number {
  const { first } = events.bounds();
  return Math.max(0, first - cursor - 1);
}
