import { connect, type Socket } from "node:net";
import { encodeFrame, FrameDecoder } from "../daemon/protocol/framing.ts";
import { wireLimits } from "../daemon/protocol/limits.ts";
import type { MethodName, MethodResult, Params } from "../daemon/protocol/methods.ts";
import {
  err,
  failureReasons,
  longestSocketPathBytes,
  ok,
  type Result,
} from "../daemon/protocol/units.ts";
import { noAnswer, usage, type Refusal } from "./refusal.ts";

/** A notification of the daemon, `events.event` or `events.gap`. */
export interface Notice {
  readonly method: string;
  readonly params: unknown;
}

interface Frame {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

type Answer = Result<unknown, Refusal>;

/**
 * One connection to the daemon: requests by id, any number at once, and notices to one listener.
 *
 * A map from id to promise is all that is needed of a JSON-RPC client here; the library's client half
 * costs 1.5 ms to load, a twelfth of the whole start, and rejects with untyped exceptions.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #decoder = new FrameDecoder();
  #lastId = 0;
  #onNotice: (notice: Notice) => void = () => undefined;
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.#receive(bytes);
    });
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        for (const answer of this.#waiting.values()) answer(err(lost()));
        this.#waiting.clear();
        resolve();
      });
    });
  }

  /** Connects; the refusal says in one sentence why there is no daemon and how to start it. */
  static open(path: string): Promise<Result<Connection, Refusal>> {
    const bytes = Buffer.byteLength(path);
    if (bytes > longestSocketPathBytes) {
      const message = `the socket's path has ${bytes} bytes, a socket's path can have ${longestSocketPathBytes}`;
      return Promise.resolve(err(usage(message, "give a shorter one with --socket")));
    }
    return new Promise((resolve) => {
      const socket = connect(path);
      socket.once("connect", () => {
        resolve(ok(new Connection(socket)));
      });
      // Stays on after the connect: an error of a live socket ends in `close`, which answers everyone.
      socket.on("error", (error: NodeJS.ErrnoException) => {
        resolve(err(unreachable(path, error.code ?? error.message)));
      });
    });
  }

  /** Calls a method. The refusal is the daemon's, or `no-answer` when the connection was lost meanwhile. */
  async call<M extends MethodName>(
    method: M,
    params: Params<M>,
  ): Promise<Result<MethodResult<M>, Refusal>> {
    const answer = await this.callAny(method, params);
    return answer as Result<MethodResult<M>, Refusal>;
  }

  /** Calls a method by a name that need not be known here. */
  callAny(method: string, params: unknown): Promise<Answer> {
    if (this.#socket.destroyed) return Promise.resolve(err(lost()));
    const id = ++this.#lastId;
    const frame = encodeFrame({ jsonrpc: "2.0", id, method, params });
    if (frame === undefined) return Promise.resolve(err(tooLarge()));
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.write(frame);
    });
  }

  /** Sets who hears notifications. */
  onNotice(listener: (notice: Notice) => void): void {
    this.#onNotice = listener;
  }

  /** Ends the connection. Calls that are still open are never answered: who closes has stopped looking. */
  close(): void {
    this.#waiting.clear();
    this.#socket.destroy();
  }

  #receive(bytes: Uint8Array): void {
    for (const event of this.#decoder.push(bytes)) {
      if (event.kind === "frame" && typeof event.value === "object" && event.value !== null) {
        this.#take(event.value);
      } else {
        // Whoever sends this is not blutd, or not in its right mind: nothing after it can be believed.
        this.#socket.destroy();
      }
    }
  }

  #take(frame: Frame): void {
    if (typeof frame.method === "string") {
      this.#onNotice({ method: frame.method, params: frame.params });
      return;
    }
    const answer = frame.error === undefined ? ok(frame.result) : err(refusalOf(frame.error));
    if (typeof frame.id === "number") {
      this.#waiting.get(frame.id)?.(answer);
      this.#waiting.delete(frame.id);
    } else {
      // An answer to nobody says that the frame itself was refused: every caller is told so.
      for (const resolve of this.#waiting.values()) resolve(answer);
      this.#waiting.clear();
    }
  }
}

function lost(): Refusal {
  return noAnswer(
    "the daemon ended the connection before it answered",
    "see whether blutd still runs and what its log says, then try again",
  );
}

function tooLarge(): Refusal {
  return usage(
    `the request is larger than the ${wireLimits.frameBytes} bytes the daemon takes`,
    "make the command, its environment or the list shorter",
  );
}

function unreachable(path: string, code: string): Refusal {
  if (code === "EACCES") {
    const remedy =
      'join its group, sudo usermod -aG blut "$USER", and log in again; or have your own: blutctl init';
    return noAnswer(`the socket ${path} is not open to this user`, remedy);
  }
  const start = "set it up with `blutctl init`, or start it by hand: `blutd`";
  if (code === "ENOENT" || code === "ECONNREFUSED") {
    return noAnswer(`no daemon answers at ${path}`, start);
  }
  return noAnswer(`no daemon answers at ${path} (${code})`, start);
}

/** Reads a JSON-RPC error: `data` carries the reason's word, the remedy and the facts. */
function refusalOf(error: unknown): Refusal {
  const { message, data } = Object(error) as { message?: unknown; data?: unknown };
  const { reason, remedy, retryable, ...facts } = Object(data) as Record<string, unknown>;
  return {
    reason: failureReasons.find((known) => known === reason) ?? "internal-error",
    message: typeof message === "string" ? message : "the daemon answered with an unknown error",
    remedy: typeof remedy === "string" ? remedy : "blutd's own log says more",
    retryable: retryable === true,
    ...(Object.keys(facts).length === 0 ? {} : { data: facts }),
  };
}
