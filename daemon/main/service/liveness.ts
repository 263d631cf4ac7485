import { sleep, type Clock } from "../../base/clock.ts";
import { ok } from "../../domain/result.ts";
import type { Store } from "../../store/store.ts";
import type { Notifier } from "../../systemd/service/notifier.ts";

/** What is told of a daemon, and proved before it is told. */
export interface LivenessParts {
  readonly notifier: Notifier;
  readonly store: Store;
  readonly clock: Clock;
  /** How it goes, in a sentence for `systemctl status`. */
  readonly sentence: () => string;
}

/** How often the sentence is made anew where systemd does not watch. */
const unwatchedMs = 100_000;
const setting = "alive-at";
/** The end waits so long for a systemd that is slow to hear of it. */
const lastWordsMs = 2_000;

/**
 * Tells systemd that the daemon lives, three times in each of its spans. A beat comes after the event loop has
 * turned and a change of the database is on disk, so it stops when either does. A full disk is no reason to
 * be killed: it heals without us, and the next daemon would find it as full.
 */
export class Liveness {
  readonly #parts: LivenessParts;
  readonly #everyMs: number;
  #callOff: () => void = () => undefined;
  #isOver = false;

  constructor(parts: LivenessParts) {
    this.#parts = parts;
    this.#everyMs = (parts.notifier.watchdogMs ?? unwatchedMs * 3) / 3;
  }

  /** The first beat says that the service is ready. Without a systemd that listens there are none. */
  start(): void {
    if (!this.#parts.notifier.isHeard) return;
    void this.#parts.notifier.tell({ READY: "1", STATUS: this.#parts.sentence() });
    this.#arm();
  }

  /** Tells the sentence now, not with the next beat. */
  say(): void {
    if (!this.#isOver) void this.#parts.notifier.tell({ STATUS: this.#parts.sentence() });
  }

  /** Tells systemd that the end is near; settles when it has heard everything, or had its time to. */
  stop(): Promise<void> {
    this.#isOver = true;
    this.#callOff();
    const { notifier, clock } = this.#parts;
    const told = notifier.tell({ STOPPING: "1", STATUS: "stopping; what runs goes on" });
    return Promise.race([told, sleep(clock, lastWordsMs)]);
  }

  #arm(): void {
    if (this.#isOver) return;
    this.#callOff = this.#parts.clock.after(this.#everyMs, () => void this.#beat());
  }

  async #beat(): Promise<void> {
    const { notifier, store, clock, sentence } = this.#parts;
    const proved = await store.write(() => {
      store.settings.set(setting, clock.now());
      return ok(undefined);
    });
    const lives = proved.ok || proved.error.reason === "storage-full";
    // One notice at a time: the next beat waits for systemd as well.
    if (!this.#isOver) {
      await notifier.tell({ ...(lives && { WATCHDOG: "1" as const }), STATUS: sentence() });
    }
    this.#arm();
  }
}
