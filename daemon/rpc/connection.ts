import { setMaxListeners } from "node:events";
import type { Socket } from "node:net";
import type { Clock } from "../base/clock.ts";
import { wireLimits } from "../protocol/limits.ts";
import { encodeFrame, FrameDecoder, type FrameEvent } from "../protocol/framing.ts";
import { refused, tooLargeToSend, type Response } from "./answers.ts";
import type { Call, Feed, Peer } from "./call.ts";
import { InFlight } from "./in-flight.ts";
import type { RpcLog } from "./rpc-log.ts";

/** What answers the frames of a connection. */
export interface Receiver {
  receive(frame: unknown, call: Call): Promise<Response | undefined>;
}

/** What one client may have outstanding: unanswered requests, unread bytes. */
export interface ConnectionLimits {
  readonly inFlight: number;
  readonly backlogBytes: number;
}

/** What a connection takes from its server. */
export interface ConnectionParts {
  readonly receiver: Receiver;
  readonly limits: ConnectionLimits;
  /** The unanswered requests of all connections. */
  readonly openRequests: InFlight;
  readonly log: RpcLog;
  readonly clock: Clock;
}

/** How long a client that is being let go may take to read its last answers. */
const partingMs = 5000;

/**
 * One client. Frames come in as they are cut, answers go out as they are ready; a client that does
 * not read is cut off when its backlog is full.
 *
 *     open --its end, a broken frame, our stop--> parting --all answered and flushed--> closed
 *       \______________ error, backlog full __________\____ partingMs ____________________^
 */
export class Connection implements Peer {
  readonly #socket: Socket;
  readonly #parts: ConnectionParts;
  readonly #decoder = new FrameDecoder();
  readonly #abort = new AbortController();
  readonly #call: Call;
  readonly #onClear = new Set<() => void>();
  #feed: Feed | undefined;
  #answering = 0;
  #isParting = false;
  #callOffParting: (() => void) | undefined;

  constructor(socket: Socket, parts: ConnectionParts) {
    this.#socket = socket;
    this.#parts = parts;
    // Each long poll listens to it, and they are capped elsewhere.
    setMaxListeners(0, this.#abort.signal);
    this.#call = {
      peer: this,
      inFlight: new InFlight(parts.limits.inFlight, parts.openRequests),
      signal: this.#abort.signal,
    };
    socket.on("data", (chunk) => {
      this.#take(chunk);
    });
    socket.on("drain", () => {
      for (const listener of [...this.#onClear]) listener();
    });
    socket.on("end", () => {
      this.part();
    });
    // The close that follows does the work; without a listener the error would end the daemon.
    socket.on("error", (error) => {
      this.#parts.log.debug({ err: error }, "a connection broke");
    });
    socket.on("close", () => {
      this.#closed();
    });
  }

  notify(method: string, params: unknown): boolean {
    const frame = encodeFrame({ jsonrpc: "2.0", method, params });
    if (frame === undefined) throw new Error(`a notification ${method} larger than a frame`);
    return this.#write(frame);
  }

  isClear(): boolean {
    return !this.#socket.writableNeedDrain;
  }

  onClear(listener: () => void): () => void {
    this.#onClear.add(listener);
    return () => this.#onClear.delete(listener);
  }

  setFeed(feed: Feed | undefined): void {
    this.#feed?.stop();
    this.#feed = feed;
  }

  /** Takes no more requests, lets long polls answer, sends every answer that is due, then closes. */
  part(): void {
    if (this.#isParting) return;
    this.#isParting = true;
    this.#stopWaiting();
    this.#endWhenAnswered();
  }

  /** Closes at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  #take(chunk: Uint8Array): void {
    for (const event of this.#decoder.push(chunk)) {
      if (this.#isParting || this.#socket.destroyed) return;
      this.#takeEvent(event);
    }
  }

  #takeEvent(event: FrameEvent): void {
    if (event.kind === "frame") {
      void this.#answer(event.value);
      return;
    }
    const remedy = "one JSON-RPC 2.0 value per line, UTF-8";
    this.#send(refused(null, event.code, event.message, remedy));
    if (event.close) this.part();
  }

  async #answer(frame: unknown): Promise<void> {
    this.#answering++;
    try {
      const response = await this.#parts.receiver.receive(frame, this.#call);
      if (response !== undefined) this.#send(response);
    } catch (error) {
      this.#parts.log.error({ err: error }, "an answer could not be sent: this is a bug");
      this.destroy();
    } finally {
      this.#answering--;
      this.#endWhenAnswered();
    }
  }

  #send(response: Response): void {
    const frame = encodeFrame(response);
    if (frame !== undefined) {
      this.#write(frame);
      return;
    }
    const instead = encodeFrame(tooLargeToSend(response, wireLimits.frameBytes));
    if (instead === undefined) this.destroy();
    else this.#write(instead);
  }

  #write(frame: string): boolean {
    if (!this.#socket.writable) return false;
    // A frame is UTF-8 and mostly ASCII, so its length is near enough for a cap.
    if (this.#socket.writableLength + frame.length > this.#parts.limits.backlogBytes) {
      const facts = { reason: "slow-reader", backlogBytes: this.#socket.writableLength };
      this.#parts.log.warn(facts, "cut off a client that does not read its answers");
      this.destroy();
      return false;
    }
    this.#socket.write(frame);
    return true;
  }

  #endWhenAnswered(): void {
    if (!this.#isParting || this.#answering > 0 || this.#socket.destroyed) return;
    this.#socket.end();
    // Closing while the client still sends would cost it the answer, so what it sends is read and
    // thrown away until it closes too; but not for ever.
    this.#callOffParting ??= this.#parts.clock.after(partingMs, () => {
      this.#socket.destroy();
    });
  }

  #stopWaiting(): void {
    this.setFeed(undefined);
    this.#abort.abort();
  }

  #closed(): void {
    this.#isParting = true;
    this.#callOffParting?.();
    this.#onClear.clear();
    this.#stopWaiting();
  }
}
