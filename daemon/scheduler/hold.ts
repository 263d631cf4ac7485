import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import type { Failure } from "../domain/failure.ts";
import { ok, type Result } from "../domain/result.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Store } from "../store/store.ts";

const holdSchema = z.object({
  mode: z.enum(["pause", "drain"]),
  reason: z.string(),
  since: z.number(),
  until: z.number().optional(),
});

/** A person's word that nothing new may start: for a while, or until resumed. Times are epoch ms. */
export type Hold = z.infer<typeof holdSchema>;

const setting = "hold";

/** Keeps the hold: it outlives the daemon, and ends by itself when it was set for a length. */
export class HoldKeeper {
  readonly #store: Store;
  readonly #events: EventLog;
  readonly #clock: Clock;
  readonly #changed: () => void;
  #disarm: (() => void) | undefined;

  /** `changed` is called when a hold ends, however it ends. */
  constructor(
    books: { readonly store: Store; readonly events: EventLog; readonly clock: Clock },
    changed: () => void,
  ) {
    this.#store = books.store;
    this.#events = books.events;
    this.#clock = books.clock;
    this.#changed = changed;
  }

  /** The hold in force, if any. */
  current(): Hold | undefined {
    const stored = holdSchema.safeParse(this.#store.settings.get(setting));
    if (!stored.success) return undefined;
    const over = stored.data.until !== undefined && stored.data.until <= this.#clock.now();
    return over ? undefined : stored.data;
  }

  /** Arms the end of a hold that an earlier daemon left. */
  start(): void {
    this.#arm();
  }

  stop(): void {
    this.#disarm?.();
  }

  async set(mode: Hold["mode"], reason: string, forMs?: number): Promise<Result<void, Failure>> {
    const since = this.#clock.now();
    const hold: Hold = {
      mode,
      reason,
      since,
      ...(forMs !== undefined && { until: since + forMs }),
    };
    const written = await this.#store.write(() => {
      this.#store.settings.set(setting, hold);
      this.#events.append(mode === "pause" ? "daemon.paused" : "daemon.drained", {
        facts: { reason },
      });
      return ok(undefined);
    });
    this.#arm();
    return written;
  }

  async end(): Promise<Result<void, Failure>> {
    this.#disarm?.();
    const written = await this.#store.write(() => {
      if (this.#store.settings.get(setting) !== undefined) this.#events.append("daemon.resumed");
      this.#store.settings.delete(setting);
      return ok(undefined);
    });
    this.#changed();
    return written;
  }

  #arm(): void {
    this.#disarm?.();
    const until = this.current()?.until;
    if (until === undefined) return;
    this.#disarm = this.#clock.after(until - this.#clock.now(), () => void this.end());
  }
}
