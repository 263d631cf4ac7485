import type { Clock } from "../base/clock.ts";
import type { BlutEvent, EventKind, JsonValue } from "../domain/event.ts";
import type { Store } from "../store/store.ts";

/** What an event is about, and the facts a reader would want. */
export interface EventFacts {
  readonly runId?: string;
  readonly attemptId?: string;
  readonly facts?: Readonly<Record<string, JsonValue>>;
}

type Listener = (event: BlutEvent) => void;

/** Rows appended between two trims: trimming on every append would double the work. */
const trimEvery = 1000;

/**
 * The one way an event comes to be: appended in the transaction of the change it tells of, and told to
 * listeners only once that transaction is on disk.
 */
export class EventLog {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #limits: { readonly keep: number };
  readonly #listeners = new Set<Listener>();

  constructor(store: Store, clock: Clock, limits: { readonly keep: number }) {
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Appends within the change that is being written; calling it outside of one is a bug. */
  append(kind: EventKind, about: EventFacts = {}): void {
    const event = this.#store.events.append({
      at: this.#clock.now(),
      kind,
      ...(about.runId !== undefined && { runId: about.runId }),
      ...(about.attemptId !== undefined && { attemptId: about.attemptId }),
      facts: about.facts ?? {},
    });
    if (event.seq % trimEvery === 0) this.#store.events.trim(this.#limits.keep);
    this.#store.afterCommit(() => {
      for (const listener of this.#listeners) listener(event);
    });
  }

  /** Tells of every event from now on. Returns how to stop. */
  onAppend(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Events after the cursor `seq`, oldest first. */
  since(seq: number, limit: number): BlutEvent[] {
    return this.#store.events.since(seq, limit);
  }

  /** Lowest and highest `seq` still kept; both 0 when there is none. */
  bounds(): { first: number; last: number } {
    return this.#store.events.bounds();
  }
}
