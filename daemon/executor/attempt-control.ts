import type { Clock } from "../base/clock.ts";
import type { StopCause, StopFacts } from "../domain/attempt.ts";
import { ok } from "../domain/result.ts";
import type { EventLog } from "../events/event-log.ts";
import type { LiveAttempt } from "../launcher/launcher.ts";
import type { AttemptRow } from "../store/attempts.ts";
import type { Store } from "../store/store.ts";

/** How an attempt is asked to stop: a warning only, the whole ladder, or at once. */
export type StopManner = "warn" | "ladder" | "now";

/** Why it is asked to stop. */
interface Stop {
  readonly cause: StopCause;
  readonly facts: StopFacts | undefined;
}

/**
 * The one handle on a live attempt. Cancel, deadlines, silence, divergence and exit race; the first cause
 * is stored before any signal goes out, so a daemon that dies in between judges the same way afterwards.
 */
export class AttemptControl {
  readonly row: AttemptRow;
  readonly #store: Store;
  readonly #events: EventLog;
  readonly #clock: Clock;
  readonly #graceMs: number;
  #live: LiveAttempt | undefined;
  #manner: StopManner | undefined;
  /** What a full disk kept off the row. */
  #unstored: Stop | undefined;
  #disarmKill: (() => void) | undefined;
  #isClosed = false;

  constructor(
    books: { readonly store: Store; readonly events: EventLog; readonly clock: Clock },
    row: AttemptRow,
    graceMs: number,
  ) {
    this.row = row;
    this.#store = books.store;
    this.#events = books.events;
    this.#clock = books.clock;
    this.#graceMs = graceMs;
  }

  /** The cause that counts; read from the row because another path may have set it. */
  get stopCause(): StopCause | undefined {
    return this.#stop?.cause;
  }

  /** What goes with that cause. */
  get stopFacts(): StopFacts | undefined {
    return this.#stop?.facts;
  }

  get live(): LiveAttempt | undefined {
    return this.#live;
  }

  /**
   * The attempt runs from here on. A stop asked for while it was being launched, or stored by a daemon
   * that died before its signals went out, takes effect now.
   */
  attach(live: LiveAttempt): void {
    this.#live = live;
    const cause = this.stopCause;
    const mustEnd = cause !== undefined && cause !== "soft-timeout";
    const manner = this.#manner ?? (mustEnd ? "ladder" : undefined);
    if (manner !== undefined) this.#act(manner);
  }

  /** Nothing is left to stop. */
  detach(): void {
    this.#live = undefined;
    this.#disarmKill?.();
  }

  /** The daemon stops and closes its books: the next one reads the cause, and goes on from there. */
  close(): void {
    this.#isClosed = true;
  }

  /** Stores the cause, then signals. A later stop can only be harder, never change the cause. */
  async stop(cause: StopCause, manner: StopManner, facts?: StopFacts): Promise<void> {
    const stored = await this.#store.write(() => {
      if (this.#store.attempts.stop(this.row.id, cause, facts)) {
        this.#events.append("attempt.stopping", {
          runId: this.row.runId,
          attemptId: this.row.id,
          facts: { cause, ...facts },
        });
      }
      return ok(undefined);
    });
    if (!stored.ok) this.#unstored = strongest(this.#unstored, { cause, facts });
    // Signals go out even when the disk is full: a person who cancels frees memory and disk.
    this.#manner = manner;
    this.#act(manner);
  }

  get #stop(): Stop | undefined {
    if (this.#isClosed) return undefined;
    const { stopCause, stopFacts } = this.#store.attempts.get(this.row.id) ?? {};
    return strongest(stopCause && { cause: stopCause, facts: stopFacts }, this.#unstored);
  }

  #act(manner: StopManner): void {
    const live = this.#live;
    if (live === undefined) return;
    if (manner === "now") {
      void live.kill();
      return;
    }
    void live.terminate();
    if (manner === "ladder") {
      this.#disarmKill ??= this.#clock.after(this.#graceMs, () => {
        void live.kill();
      });
    }
  }
}

/** The first of two stops, unless that was only the warning of a soft timeout. */
function strongest(first: Stop | undefined, second: Stop | undefined): Stop | undefined {
  return first === undefined || first.cause === "soft-timeout" ? (second ?? first) : first;
}
