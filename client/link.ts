import type { MethodName, MethodResult, Params } from "../daemon/protocol/methods.ts";
import { err, ok, type Result } from "../daemon/protocol/units.ts";
import { Connection } from "./connection.ts";
import type { Refusal } from "./refusal.ts";

/** How a lost daemon is looked for, in ms. */
export interface Patience {
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  readonly totalMs: number;
}

/** A restart takes a second; an upgrade with a migration may take half a minute. */
export const patience: Patience = { firstPauseMs: 50, longestPauseMs: 2000, totalMs: 60_000 };

/** The way to the daemon: connects at the first call, and again after the daemon restarted. */
export class Link {
  readonly #path: string;
  readonly #note: (text: string) => void;
  readonly #patience: Patience;
  readonly #over = new AbortController();
  #connection: Promise<Result<Connection, Refusal>> | undefined;

  constructor(path: string, note: (text: string) => void, wait: Patience = patience) {
    this.#path = path;
    this.#note = note;
    this.#patience = wait;
  }

  /** The connection, made when first asked for. */
  open(): Promise<Result<Connection, Refusal>> {
    this.#connection ??= Connection.open(this.#path);
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
      if (answer.ok || answer.error.reason !== "no-answer" || this.#over.signal.aborted) {
        return answer;
      }
      const again = await this.reopen(connection.value);
      if (!again.ok) return again;
    }
  }

  /** Connects again after `lost` has gone; everyone who asks about the same one waits for the same answer. */
  async reopen(lost: Connection): Promise<Result<Connection, Refusal>> {
    const current = await this.open();
    if (current.ok && current.value === lost) this.#connection = this.#seek();
    return this.open();
  }

  /** Ends the connection and the search for one. */
  close(): void {
    this.#over.abort();
    void this.#connection?.then((connection) => {
      if (connection.ok) connection.value.close();
    });
  }

  async #seek(): Promise<Result<Connection, Refusal>> {
    const { firstPauseMs, longestPauseMs, totalMs } = this.#patience;
    this.#note(`the daemon went away; looking for it for ${Math.round(totalMs / 1000)} s`);
    let pauseMs = firstPauseMs;
    for (let waitedMs = 0; waitedMs < totalMs; waitedMs += pauseMs) {
      pauseMs = waitedMs === 0 ? firstPauseMs : Math.min(pauseMs * 2, longestPauseMs);
      await this.#pause(pauseMs);
      if (this.#over.signal.aborted) break;
      const connection = await Connection.open(this.#path);
      if (connection.ok) {
        this.#note("the daemon is back");
        return ok(connection.value);
      }
    }
    const last = await Connection.open(this.#path);
    return last.ok ? last : err({ ...last.error, remedy: `${last.error.remedy}; runs go on` });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#over.signal.addEventListener(
        "abort",
        () => {
          clearTimeout(timer);
          resolve();
        },
        { once: true },
      );
    });
  }
}
