import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { z } from "zod";
import type { Failure } from "../../daemon/domain/failure.ts";
import {
  methods,
  type MethodName,
  type MethodResult,
  type ParsedParams,
} from "../../daemon/protocol/methods.ts";
import { protocolVersion } from "../../daemon/protocol/version.ts";
import { failed } from "../../daemon/rpc/answers.ts";

/** What a script may do besides answering. */
export interface Stage {
  /** Sends a notification on the connection that asked. */
  readonly notify: (method: string, params: unknown) => void;
  /** Ends the connection without an answer, as a daemon that dies does. */
  readonly hangUp: () => void;
}

/** An answer: the result, or a {@link Failure}. */
export type Line<M extends MethodName> = (
  params: ParsedParams<M>,
  stage: Stage,
) => MethodResult<M> | Failure | Promise<MethodResult<M> | Failure>;

export type Script = { readonly [M in MethodName]?: Line<M> };

/**
 * A socket that answers by script. Requests and answers pass the daemon's own schemas, so a fixture that
 * no longer is what the wire carries fails its test.
 */
export class ScriptedDaemon {
  readonly path: string;
  readonly calls: { readonly method: string; readonly params: unknown }[] = [];
  readonly #script: Script;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(path: string, script: Script) {
    this.path = path;
    this.#script = script;
  }

  /** Listens; resolves when a client can connect. */
  async start(): Promise<this> {
    const server = createServer((socket) => {
      this.#serve(socket);
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.path, resolve));
    return this;
  }

  /** Cuts every connection and takes the socket away. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  /** The parameters of every call of a method so far. */
  paramsOf(method: MethodName): unknown[] {
    return this.calls.filter((call) => call.method === method).map(({ params }) => params);
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    socket.on("error", () => undefined);
    const lines = createInterface({ input: socket });
    // A client that was killed is not an error of the daemon; readline hands the socket's on.
    lines.on("error", () => undefined);
    lines.on("line", (line) => {
      void this.#answer(socket, line);
    });
  }

  async #answer(socket: Socket, line: string): Promise<void> {
    const { id, method, params } = JSON.parse(line) as Request;
    if (method !== "daemon.hello") this.calls.push({ method, params });
    const spec = methods[method] as { params: z.ZodType; result: z.ZodType };
    const say = (this.#script[method] ?? defaults[method]) as Line<MethodName> | undefined;
    if (say === undefined) throw new Error(`the script has no line for ${method}`);
    const send = (frame: object): void => {
      if (!socket.destroyed) socket.write(`${JSON.stringify({ jsonrpc: "2.0", ...frame })}\n`);
    };
    const answer = await say(spec.params.parse(params) as never, {
      notify: (name, notice) => {
        send({ method: name, params: notice });
      },
      hangUp: () => {
        socket.destroy();
      },
    });
    if (isFailure(answer)) send(failed(id, answer));
    else send({ id, result: spec.result.parse(answer) });
  }
}

/** Every client says hello first; one without a line of its own meets a daemon of its own build. */
const defaults: Script = {
  "daemon.hello": (own) => ({ ...own, protocol: protocolVersion, restart: "restart it" }),
};

interface Request {
  readonly id: number;
  readonly method: MethodName;
  readonly params: unknown;
}

function isFailure(answer: object): answer is Failure {
  return "reason" in answer && "retryable" in answer;
}
