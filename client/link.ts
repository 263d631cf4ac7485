import type { MethodName, MethodResult, Params } from "../daemon/protocol/methods.ts";
import { err, ok, type Result } from "../daemon/protocol/units.ts";
import { Connection } from "./connection.ts";
import { noAnswer, type Refusal } from "./refusal.ts";

/** How a lost daemon is looked for, in ms. */
export interface Patience {
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  readonly totalMs: number;
}

/** A restart takes a second; an upgrade with a migration may take half a minute. */
const patience: Patience = { firstPauseMs: 50, longestPauseMs: 2000, totalMs: 60_000 };

/** The way to the daemon: connects at the first call, and again after the daemon restarted. */
export class Link {
  readonly #path: string;
  readonly #note: (text: string) => void;
  readonly #greet: (connection: Connection) => void;
  readonly #patience: Patience;
  readonly #over = new AbortController();
  #connection: Promise<Result<Connection, Refusal>> | undefined;
  /** The connection whose loss is known, so that all who lost it seek one new one together. */
  #lost: Connection | undefined;

  /** `greet` is given each new connection before anything is asked on it. */
  constructor(
    path: string,
    note: (text: string) => void,
    greet: (connection: Connection) => void = () => undefined,
    wait: Patience = patience,
  ) {
    this.#path = path;
    this.#note = note;
    this.#greet = greet;
    this.#patience = wait;
  }

  /** The connection, made when first asked for. */
  open(): Promise<Result<Connection, Refusal>> {
    this.#connection ??= this.#connect();
    return this.#connection;
  }

  /** One call; a connection that is lost is a refusal. */
  async call<M extends MethodName>(
    method: M,
    params: Params<M>,
  ): Promise<Result<MethodResult<M>, Refusal>> {
    const connection = await this.open();
    return connection.ok ? connection.value.call(method, params) : connection;
  }

  /** One call that may be repeated: when the daemon goes away it is looked for, and asked again. */
  async callPatiently<M extends MethodName>(
    method: M,
    params: Params<M>,
  ): Promise<Result<MethodResult<M>, Refusal>> {
    for (;;) {
      const connection = await this.open();
      if (!connection.ok) return connection;
      const answer = await connection.value.call(method, params);
      if (answer.ok || answer.error.reason !== "no-answer") return answer;
      const again = await this.reopen(connection.value);
      if (!again.ok) return again;
    }
  }

  /** Connects again after `lost` has gone; everyone who asks about the same one waits for the same answer. */
  reopen(lost: Connection): Promise<Result<Connection, Refusal>> {
    if (this.#lost !== lost) {
      this.#lost = lost;
      this.#connection = this.#seek();
    }
    return this.open();
  }

  /** Ends the connection and the search for one. */
  close(): void {
    this.#over.abort();
    void this.#connection?.then((connection) => {
      if (connection.ok) connection.value.close();
    });
  }

  async #connect(): Promise<Result<Connection, Refusal>> {
    const opened = await Connection.open(this.#path);
    if (opened.ok) this.#greet(opened.value);
    return opened;
  }

  async #seek(): Promise<Result<Connection, Refusal>> {
    const { firstPauseMs, longestPauseMs, totalMs } = this.#patience;
    if (this.#over.signal.aborted) return never();
    this.#note(`the daemon went away; looking for it for ${Math.round(totalMs / 1000)} s`);
    let found: { readonly error: Refusal } = { error: noAnswer("the daemon went away", "") };
    let pauseMs = firstPauseMs / 2;
    for (let waitedMs = 0; waitedMs < totalMs; waitedMs += pauseMs) {
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      await this.#pause(pauseMs);
      const connection = await this.#connect();
      if (connection.ok) {
        this.#note("the daemon is back");
        return ok(connection.value);
      }
      found = connection;
    }
    return err({ ...found.error, remedy: `${found.error.remedy}; runs go on` });
  }

  /** Waits, or for ever once the link is closed: who closes has stopped looking. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#over;
      if (signal.aborted) return;
      const stop = (): void => {
        clearTimeout(timer);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", stop);
        resolve();
      }, ms);
      signal.addEventListener("abort", stop);
    });
  }
}

/** What a caller waits for who has stopped looking. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}
