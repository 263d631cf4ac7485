import type { InFlight } from "./in-flight.ts";

/** The client at the other end, as a method may use it. */
export interface Peer {
  /** Sends a notification. False when the client is gone or was cut off for not reading. */
  notify(method: string, params: unknown): boolean;
  /** Nothing waits to be read by the client, so that more may be sent. */
  isClear(): boolean;
  /** Called each time the client has read what waited. */
  onClear(listener: () => void): () => void;
  /** Takes the place of the feed this client had, which is stopped; undefined only stops it. */
  setFeed(feed: Feed | undefined): void;
}

/** A stream of notifications that ends with its connection. */
export interface Feed {
  stop(): void;
}

/** One request's surroundings. */
export interface Call {
  readonly peer: Peer;
  readonly inFlight: InFlight;
  /** Aborted when the client has gone or said that it will send no more: a long poll answers then. */
  readonly signal: AbortSignal;
}
