import createConnection from "dbus-next/lib/connection.js";
import messageModule from "dbus-next/lib/message-type.js";
import type { Message } from "dbus-next";
import type { Clock } from "../base/clock.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { plainValue, type DbusArgument, type DbusValue } from "./dbus-value.ts";
import { fromDbusError, type SystemdError } from "./systemd-error.ts";

type LowLevel = ReturnType<typeof createConnection>;

/** In the place of a serial, which begin at 1: what is waited for before the first call. */
const greeting = 0;

const messageType = { call: 1, reply: 2, error: 3, signal: 4 } as const;

/** One method call. `signature` and `body` go together; the destination is a bus name. */
export interface BusRequest {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly DbusArgument[];
}

/** A signal, with the unique name of who sent it. */
export interface BusSignal {
  readonly sender: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly DbusValue[];
}

/** The values of a reply, or why there is none. */
export type BusReply = Result<readonly DbusValue[], SystemdError>;

/** Who hears about a connection; both are called outside of any call of ours. */
export interface ConnectionListener {
  signal(signal: BusSignal): void;
  /** Once, when a connection that had been opened is over for whatever reason. */
  ended(why: string): void;
}

interface Pending {
  readonly settle: (reply: BusReply) => void;
  readonly cancelTimeout: () => void;
}

/**
 * One life of one connection to a message bus. Every call settles: by its reply, by its timeout, or by
 * the end of the connection, and nothing that the peer sends makes this throw.
 */
export class BusConnection {
  readonly #lowLevel: LowLevel;
  readonly #clock: Clock;
  readonly #pending = new Map<number, Pending>();
  #listener: ConnectionListener | undefined;
  #serial = 0;
  #endedBecause: string | undefined;

  private constructor(lowLevel: LowLevel, clock: Clock) {
    this.#lowLevel = lowLevel;
    this.#clock = clock;
    lowLevel.on("message", (message: Message) => {
      this.#receive(message);
    });
    lowLevel.on("error", (error: unknown) => {
      this.#end(error instanceof Error ? error.message : String(error));
    });
    lowLevel.on("end", () => {
      this.#end("the bus hung up");
    });
    lowLevel.stream.on("close", () => {
      this.#end("the bus connection closed");
    });
  }

  /** Begins to connect to this address; it is of use once `open` has answered. */
  static to(address: string, clock: Clock): Result<BusConnection, SystemdError> {
    try {
      const lowLevel = createConnection({ busAddress: address, authMethods: ["EXTERNAL"] });
      return ok(new BusConnection(lowLevel, clock));
    } catch (error) {
      return err(closed(String(error)));
    }
  }

  /** Connects and authenticates, then says Hello, each within `timeoutMs`; `close` ends that, too. */
  async open(timeoutMs: number, listener: ConnectionListener): Promise<Result<void, SystemdError>> {
    const hello = await this.#handshake(timeoutMs);
    if (!hello.ok) {
      this.close();
      return err(closed(hello.error.message));
    }
    this.#listener = listener;
    return ok(undefined);
  }

  get isEnded(): boolean {
    return this.#endedBecause !== undefined;
  }

  /** Calls a method; a call that cannot be put on the wire answers `invalid-property`. */
  async call(request: BusRequest, timeoutMs: number): Promise<BusReply> {
    if (this.#endedBecause !== undefined) return err(closed(this.#endedBecause));
    const serial = ++this.#serial;
    return await new Promise<BusReply>((settle) => {
      const cancelTimeout = this.#clock.after(timeoutMs, () => {
        this.#settle(serial, err(timedOut(request.member, timeoutMs)));
      });
      this.#pending.set(serial, { settle, cancelTimeout });
      try {
        this.#lowLevel.message(encode(request, serial));
      } catch (error) {
        this.#settle(serial, err({ reason: "invalid-property", message: String(error) }));
      }
    });
  }

  /** Ends it now; what is under way settles as lost. Quiet when it is over already. */
  close(): void {
    this.#listener = undefined;
    this.#end("closed by us");
  }

  async #handshake(timeoutMs: number): Promise<BusReply> {
    const greeted = await new Promise<BusReply>((settle) => {
      const cancelTimeout = this.#clock.after(timeoutMs, () => {
        this.#end(`no bus greeting within ${timeoutMs} ms`);
      });
      this.#pending.set(greeting, { settle, cancelTimeout });
      this.#lowLevel.once("connect", () => {
        // Before the parser, which dbus-next installs after this event, can see its first byte.
        process.nextTick(() => {
          this.#guardParser();
        });
        this.#settle(greeting, ok([]));
      });
    });
    if (!greeted.ok) return greeted;
    const hello = { destination: busName, path: busPath, interface: busName, member: "Hello" };
    return await this.call(hello, timeoutMs);
  }

  /** dbus-next parses inside a stream listener: what it throws there would end the process. */
  #guardParser(): void {
    const stream = this.#lowLevel.stream;
    for (const parse of stream.listeners("readable") as (() => void)[]) {
      stream.off("readable", parse);
      stream.on("readable", () => {
        try {
          parse.call(stream);
        } catch (error) {
          this.#end(`unreadable message from the bus: ${String(error)}`);
        }
      });
    }
  }

  #receive(message: Message): void {
    const type: number = message.type;
    const body = message.body.map(plainValue);
    if (type === messageType.reply) this.#settle(Number(message.replySerial), ok(body));
    if (type === messageType.error) {
      const text = typeof body[0] === "string" ? body[0] : message.errorName;
      this.#settle(Number(message.replySerial), err(fromDbusError(message.errorName, text)));
    }
    if (type === messageType.signal) {
      const { sender, path, interface: from, member } = message;
      // A fault in a listener must not look like one of the bus, which is what the parser's guard would make of it.
      queueMicrotask(() => this.#listener?.signal({ sender, path, interface: from, member, body }));
    }
  }

  /** A reply that comes after its timeout finds nothing here and is dropped. */
  #settle(serial: number, reply: BusReply): void {
    const pending = this.#pending.get(serial);
    if (pending === undefined) return;
    this.#pending.delete(serial);
    pending.cancelTimeout();
    pending.settle(reply);
  }

  #end(why: string): void {
    if (this.#endedBecause !== undefined) return;
    this.#endedBecause = why;
    this.#lowLevel.stream.destroy();
    for (const serial of [...this.#pending.keys()]) {
      this.#settle(serial, err({ reason: "bus-lost", message: why }));
    }
    this.#listener?.ended(why);
  }
}

/** The bus itself, as a peer on it. */
export const busName = "org.freedesktop.DBus";
export const busPath = "/org/freedesktop/DBus";

function encode(request: BusRequest, serial: number): Message {
  const { destination, path, interface: to, member, signature = "", body = [] } = request;
  return new messageModule.Message({
    type: messageType.call,
    serial,
    destination,
    path,
    interface: to,
    member,
    signature,
    body: [...body],
  });
}

function closed(message: string): SystemdError {
  return { reason: "bus-closed", message };
}

function timedOut(member: string, timeoutMs: number): SystemdError {
  return { reason: "bus-timeout", message: `${member} had no answer within ${timeoutMs} ms` };
}
