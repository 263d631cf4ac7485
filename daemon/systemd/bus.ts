import type { Clock } from "../base/clock.ts";
import { err, ok, type Result } from "../domain/result.ts";
import {
  BusConnection,
  busName,
  busPath,
  type BusReply,
  type BusRequest,
  type BusSignal,
} from "./connection.ts";
import type { SystemdError } from "./systemd-error.ts";

/** `disconnected` at once when the connection ends; `reconnected` when calls and signals work again. */
export type BusState = "connected" | "disconnected" | "reconnected";

/** What a {@link Bus} is made of; lengths in ms. */
export interface BusOptions {
  /** A D-Bus address: `unix:path=...`. */
  readonly address: string;
  /** Asked for on every new connection before anybody hears of it. */
  readonly matchRules: readonly string[];
  readonly callTimeoutMs: number;
  readonly reconnectMinMs: number;
  readonly reconnectMaxMs: number;
  readonly clock: Clock;
  /** In [0, 1), for the jitter of the waits. */
  readonly random: () => number;
}

/**
 * A connection to a message bus that comes back by itself. Calls made while it is away answer
 * `bus-closed` at once; nobody's call is ever sent twice.
 */
export class Bus {
  readonly #options: BusOptions;
  readonly #signalListeners = new Set<(signal: BusSignal) => void>();
  readonly #stateListeners = new Set<(state: BusState) => void>();
  #connection: BusConnection | undefined;
  /** That connection, or one that is being made. */
  #newest: BusConnection | undefined;
  #cancelRetry: (() => void) | undefined;
  #failures = 0;
  #isClosed = false;

  constructor(options: BusOptions) {
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  /** The first connection, tried once: whether to go on without a bus is the caller's decision. */
  async open(): Promise<Result<void, SystemdError>> {
    const connected = await this.#connect();
    if (!connected.ok) return connected;
    this.#tell("connected");
    return ok(undefined);
  }

  /** Calls a method and settles within `timeoutMs` whatever happens to the bus. */
  async call(request: BusRequest, timeoutMs = this.#options.callTimeoutMs): Promise<BusReply> {
    if (this.#connection === undefined)
      return err({ reason: "bus-closed", message: "not connected to the message bus" });
    return await this.#connection.call(request, timeoutMs);
  }

  /** Signals in the order they came, on whichever connection. Returns how to stop listening. */
  onSignal(listener: (signal: BusSignal) => void): () => void {
    this.#signalListeners.add(listener);
    return () => this.#signalListeners.delete(listener);
  }

  /** Returns how to stop listening. */
  onState(listener: (state: BusState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /** Ends the connection and every attempt at a new one. Calls under way settle as lost. */
  close(): void {
    this.#isClosed = true;
    this.#cancelRetry?.();
    this.#newest?.close();
    this.#connection = undefined;
  }

  async #connect(): Promise<Result<void, SystemdError>> {
    const { address, callTimeoutMs, clock, matchRules } = this.#options;
    const made = BusConnection.to(address, clock);
    if (!made.ok) return made;
    const connection = made.value;
    this.#newest = connection;
    const opened = await connection.open(callTimeoutMs, {
      signal: (signal) => {
        for (const listener of this.#signalListeners) listener(signal);
      },
      ended: () => {
        if (this.#connection === undefined) return;
        this.#connection = undefined;
        this.#tell("disconnected");
        this.#retryLater();
      },
    });
    if (!opened.ok) return opened;
    for (const rule of matchRules) {
      const matched = await connection.call(addMatch(rule), callTimeoutMs);
      if (matched.ok) continue;
      connection.close();
      return matched;
    }
    if (connection.isEnded || this.#isClosed) {
      connection.close();
      return err({ reason: "bus-closed", message: "the connection ended while it was made" });
    }
    this.#connection = connection;
    return ok(undefined);
  }

  /** Doubling waits, each cut by up to half at random: many clients of a restarted bus must not march in step. */
  #retryLater(): void {
    const { reconnectMinMs, reconnectMaxMs, clock, random } = this.#options;
    const longestMs = Math.min(reconnectMinMs * 2 ** this.#failures, reconnectMaxMs);
    this.#failures += 1;
    this.#cancelRetry = clock.after(longestMs * (1 - random() / 2), () => {
      void this.#reconnect();
    });
  }

  async #reconnect(): Promise<void> {
    const connected = await this.#connect();
    if (this.#isClosed) return;
    if (!connected.ok) {
      this.#retryLater();
      return;
    }
    this.#failures = 0;
    this.#tell("reconnected");
  }

  #tell(state: BusState): void {
    for (const listener of this.#stateListeners) listener(state);
  }
}

function addMatch(rule: string): BusRequest {
  const member = "AddMatch";
  return {
    destination: busName,
    path: busPath,
    interface: busName,
    member,
    signature: "s",
    body: [rule],
  };
}
