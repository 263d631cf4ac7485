import { createServer, type Server, type Socket } from "node:net";
import type { Clock } from "../base/clock.ts";
import { failure, type Failure } from "../domain/failure.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { encodeFrame } from "../protocol/framing.ts";
import { wireLimits } from "../protocol/limits.ts";
import { failed } from "./answers.ts";
import { Connection, type ConnectionLimits, type Receiver } from "./connection.ts";
import { affordableConnections } from "./descriptor-limit.ts";
import { InFlight } from "./in-flight.ts";
import type { RpcLog } from "./rpc-log.ts";
import {
  clearSocketPath,
  isAnswered,
  isForGroup,
  isStillBound,
  socketAt,
  type SocketIdentity,
} from "./socket-path.ts";
import { SocketWatch } from "./socket-watch.ts";

/** The same for all clients together. */
export interface ServerLimits extends ConnectionLimits {
  readonly connections: number;
  readonly openRequests: number;
}

/** How long clients may take to read their last answers when the daemon stops. */
const stopMs = 2000;
/** How long to wait before the lost socket's path is tried again. */
const rebindMs = 5000;
/** Clients that may wait to be accepted; the kernel's own cap is 4096. */
const waitingClients = 1024;
/** Who may use a socket of our own making: we alone. */
const ownersOnly = 0o600;
/** Who may use one that replaces what systemd had opened to a group. */
const groupsToo = 0o660;

/**
 * The daemon's Unix socket: systemd's where it gave us one, else 0600 from its first moment in a directory
 * of ours. Made again when something removes it, with a cap on clients that leaves descriptors for the work.
 */
export class SocketServer {
  readonly #receiver: Receiver;
  readonly #log: RpcLog;
  readonly #clock: Clock;
  readonly #limits: ServerLimits;
  readonly #openRequests: InFlight;
  readonly #connections = new Set<Connection>();
  #most = 0;
  #refusals = 0;
  #bound:
    { path: string; server: Server; watch: SocketWatch; identity: SocketIdentity } | undefined;
  /** The socket that systemd gave us; it is never ours to remove. */
  #given: { server: Server; watch?: SocketWatch } | undefined;
  #mode = ownersOnly;
  #isStopped = false;
  #callOffRebind: (() => void) | undefined;

  constructor(receiver: Receiver, log: RpcLog, clock: Clock, limits: ServerLimits = wireLimits) {
    this.#receiver = receiver;
    this.#log = log;
    this.#clock = clock;
    this.#limits = limits;
    this.#openRequests = new InFlight(limits.openRequests);
  }

  /** Clients connected now. */
  get connections(): number {
    return this.#connections.size;
  }

  /**
   * Serves on what systemd listens on already (`given`), else binds. Call it only while holding the daemon's
   * lock: a socket nobody answers on is replaced. Fails with `socket-unusable`, `state-unsafe` or
   * `state-in-use`.
   */
  async listen(path: string, given?: number): Promise<Result<void, Failure>> {
    this.#most = affordableConnections(this.#limits.connections);
    if (given === undefined) return this.#bind(path);
    const taken = await this.#take(path, given);
    if (!taken.ok || taken.value) return taken.ok ? ok(undefined) : taken;
    // systemd keeps a socket whose file somebody removed, and gives it to every later daemon as well.
    this.#log.warn({ path }, "the socket from systemd is not at its path; another is made there");
    return this.#bind(path);
  }

  /** Takes no more clients, answers what was asked, lets long polls go, then closes everything. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#callOffRebind?.();
    this.#given?.watch?.stop();
    this.#given?.server.close();
    const closed = this.#unbind();
    for (const connection of this.#connections) connection.part();
    const callOff = this.#clock.after(stopMs, () => {
      for (const connection of this.#connections) connection.destroy();
    });
    await closed;
    callOff();
  }

  /** Serves on the socket of systemd; tells whether clients reach it by its path. */
  async #take(path: string, given: number): Promise<Result<boolean, Failure>> {
    const server = this.#createServer();
    const listening = await listenOn(server, { fd: given }, "the socket from systemd");
    if (!listening.ok) return listening;
    this.#minded(server);
    this.#given = { server };
    this.#mode = isForGroup(path) ? groupsToo : ownersOnly;
    const identity = socketAt(path);
    // Nobody else can answer there: whoever does holds the lock that we hold.
    if (identity === undefined || !(await isAnswered(path))) return ok(false);
    const watch = new SocketWatch(path, identity, this.#clock, () => {
      void this.#rebind(path);
    });
    this.#given = { server, watch };
    return ok(true);
  }

  #createServer(): Server {
    return createServer({ allowHalfOpen: true }, (socket) => {
      this.#accept(socket);
    });
  }

  #minded(server: Server): void {
    server.on("error", (error) => {
      this.#log.warn({ err: error }, "the socket could not take a client");
    });
  }

  async #bind(path: string): Promise<Result<void, Failure>> {
    const clear = await clearSocketPath(path, this.#mode);
    if (!clear.ok) return clear;
    const server = this.#createServer();
    const bound = await bindWithMode(server, path, this.#mode);
    if (!bound.ok) return bound;
    if (this.#isStopped) {
      server.close();
      return ok(undefined);
    }
    this.#minded(server);
    const watch = new SocketWatch(path, bound.value, this.#clock, () => {
      void this.#rebind(path);
    });
    this.#bound = { path, server, watch, identity: bound.value };
    return ok(undefined);
  }

  /** The old socket is closed first: closing removes whatever file has its name by then. */
  async #rebind(path: string): Promise<void> {
    if (this.#isStopped) return;
    void this.#unbind();
    const bound = await this.#bind(path);
    if (bound.ok) {
      this.#log.warn({ path }, "the socket had been removed; it is there again");
      return;
    }
    this.#log.error({ path, failure: bound.error }, "the socket is gone and cannot be made again");
    this.#callOffRebind = this.#clock.after(rebindMs, () => {
      void this.#rebind(path);
    });
  }

  /** Settles when the last client of that socket has gone. */
  #unbind(): Promise<void> {
    const bound = this.#bound;
    this.#bound = undefined;
    if (bound === undefined) return Promise.resolve();
    bound.watch.stop();
    const other = socketAt(bound.path);
    if (other !== undefined && !isStillBound(bound.path, bound.identity)) {
      // Somebody else listens there by now. Closing ours would remove theirs, and nobody can reach
      // ours any more, so it is left to the end of the process.
      bound.server.unref();
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      bound.server.close(() => {
        resolve();
      });
    });
  }

  #accept(socket: Socket): void {
    if (this.#connections.size >= this.#most || this.#isStopped) {
      this.#refuse(socket);
      return;
    }
    this.#refusals = 0;
    const connection = new Connection(socket, {
      receiver: this.#receiver,
      limits: this.#limits,
      openRequests: this.#openRequests,
      log: this.#log,
      clock: this.#clock,
    });
    this.#connections.add(connection);
    socket.on("close", () => this.#connections.delete(connection));
  }

  /** Says why in one frame, which the kernel keeps for the client, and gives the descriptor back at once. */
  #refuse(socket: Socket): void {
    // One line for each time the house is full, not one for each client at the door.
    if (this.#refusals++ === 0) {
      this.#log.warn({ connections: this.#connections.size }, "refused a client: too many");
    }
    const because = failure(
      "too-many-requests",
      `${this.#connections.size} clients are connected, as many as the daemon takes`,
      "close clients that are not needed, or try again in a moment",
      { retryable: true },
    );
    socket.on("error", () => undefined);
    socket.write(encodeFrame(failed(null, because)) ?? "");
    socket.destroy();
  }
}

/** Binds so that the socket has its mode from its first moment: Node binds before `listen` returns. */
async function bindWithMode(
  server: Server,
  path: string,
  mode: number,
): Promise<Result<SocketIdentity, Failure>> {
  const umask = process.umask(0o777 & ~mode);
  let listening: Promise<Result<void, Failure>>;
  try {
    listening = listenOn(server, { path }, path);
  } finally {
    process.umask(umask);
  }
  const bound = await listening;
  if (!bound.ok) return bound;
  const identity = socketAt(path);
  return identity === undefined ? err(unusable(path, "it was removed at once")) : ok(identity);
}

/** Begins to listen at once; settles when that worked, or did not. */
function listenOn(
  server: Server,
  where: { readonly fd: number } | { readonly path: string },
  name: string,
): Promise<Result<void, Failure>> {
  return new Promise((resolve) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const message = `another daemon has just bound ${name}`;
      resolve(
        error.code === "EADDRINUSE"
          ? err(failure("state-in-use", message, "use that one, or stop it first"))
          : err(unusable(name, error.message)),
      );
    });
    server.listen({ ...where, backlog: waitingClients }, () => {
      server.removeAllListeners("error");
      resolve(ok(undefined));
    });
  });
}

function unusable(name: string, why: string): Failure {
  return failure(
    "socket-unusable",
    `cannot listen on ${name}: ${why}`,
    `look at what is at ${name}`,
  );
}
