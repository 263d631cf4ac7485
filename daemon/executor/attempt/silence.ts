import type { Clock } from "../../base/clock.ts";

/** Later than this, our own timer says that it was us who stood still; ms. */
const standstillMs = 1_000;

/** Watches over a stage that promised to say something now and then. */
export class SilenceWatch {
  readonly #clock: Clock;
  readonly #longestMs: number;
  readonly #look: () => boolean;
  readonly #onSilent: (silentMs: number) => void;
  #heardAt: number;
  #cancel: (() => void) | undefined;

  /**
   * `look` reads what the stage may have said that nobody has read yet, and tells whether there was
   * anything: news that waited in the file are as good as news.
   */
  constructor(
    clock: Clock,
    longestMs: number,
    look: () => boolean,
    onSilent: (silentMs: number) => void,
  ) {
    this.#clock = clock;
    this.#longestMs = longestMs;
    this.#look = look;
    this.#onSilent = onSilent;
    this.#heardAt = clock.monotonic();
    this.#arm(longestMs);
  }

  /** The stage said something just now. Cheap: timers are set when the last one is over. */
  heard(): void {
    this.#heardAt = this.#clock.monotonic();
  }

  /** Nobody listens any more. */
  close(): void {
    this.#cancel?.();
  }

  #arm(ms: number): void {
    const dueAt = this.#clock.monotonic() + ms;
    this.#cancel = this.#clock.after(ms, () => {
      this.#decide(this.#clock.monotonic() - dueAt);
    });
  }

  /**
   * A daemon that was stopped, or a machine that was, has no right to call a stage silent: the stage may
   * have stood still with it. It gets its whole time again.
   */
  #decide(lateMs: number): void {
    if (this.#look() || lateMs > standstillMs) this.heard();
    const silentMs = this.#clock.monotonic() - this.#heardAt;
    if (silentMs < this.#longestMs) this.#arm(this.#longestMs - silentMs);
    else this.#onSilent(Math.round(silentMs));
  }
}
