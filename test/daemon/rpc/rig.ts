import { mkdtempSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { removeTree } from "../../../daemon/artifacts/work/remove-tree.ts";
import { encodeFrame, FrameDecoder } from "../../../daemon/protocol/framing.ts";

/** A directory of mode 0700 that goes away with the test. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), "blut-rpc-"));
  onTestFinished(() => {
    removeTree(path);
  });
  return path;
}

export interface Reply {
  readonly jsonrpc?: string;
  readonly id?: unknown;
  readonly result?: unknown;
  readonly method?: string;
  readonly params?: unknown;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data?: Readonly<Record<string, unknown>>;
  };
}

/** A client that shows every frame it gets, in order. */
export class RawClient {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  readonly #decoder = new FrameDecoder();
  readonly #frames: unknown[] = [];
  readonly #waiting: ((frame: unknown) => void)[] = [];
  #ids = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      for (const event of this.#decoder.push(chunk)) {
        const frame = event.kind === "frame" ? event.value : event;
        const next = this.#waiting.shift();
        if (next === undefined) this.#frames.push(frame);
        else next(frame);
      }
    });
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        for (const next of this.#waiting) next({ method: "closed" });
        resolve();
      });
    });
  }

  static async connect(
    path: string,
    options: { allowHalfOpen?: boolean } = {},
  ): Promise<RawClient> {
    const socket = connect({ path, ...options });
    await new Promise((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    const client = new RawClient(socket);
    onTestFinished(() => {
      socket.destroy();
    });
    return client;
  }

  /** Sends bytes as they are. */
  send(raw: string | Uint8Array): void {
    this.socket.write(raw);
  }

  /** The next frame, whatever it is. */
  next(): Promise<Reply & Reply[]> {
    const frame = this.#frames.shift();
    const kept = frame !== undefined ? Promise.resolve(frame) : this.#coming();
    return kept as Promise<Reply & Reply[]>;
  }

  /** Sends a request and answers the next frame. */
  async call(method: string, params?: unknown): Promise<Reply> {
    const frame = encodeFrame({ jsonrpc: "2.0", id: ++this.#ids, method, params });
    this.send(frame ?? "");
    return this.next();
  }

  #coming(): Promise<unknown> {
    if (this.socket.closed) return Promise.resolve({ method: "closed" });
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
