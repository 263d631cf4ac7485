import type { Clock } from "../base/clock.ts";
import type { Store } from "../store/store.ts";

/** The clock may be so much further than we saw it go: the box was off, or slept. */
const usualMs = 7 * 86_400_000;
/** A leap is believed once it has stood for so long: whatever sets a wrong clock right has had its time. */
export const standsMs = 3 * 3_600_000;

const setting = "retention.clock";

interface Leap {
  readonly byMs: number;
  /** Monotonic. */
  readonly sinceMs: number;
}

/**
 * How far the clock is ahead of the time that is believed. A box whose own clock is wrong boots with any
 * time, and is set right once it has a network; until then everything on record may look years old.
 *
 *     gone on as we saw it, or back --> believed
 *     leapt ahead --> in doubt --stands for hours while we run--> believed
 */
export class ClockDoubt {
  readonly #clock: Clock;
  /** What was believed last, and the monotonic time of that. */
  #believed: { readonly at: number; readonly ms: number };
  #leap: Leap | undefined;

  constructor(clock: Clock, store: Store) {
    this.#clock = clock;
    const at = store.settings.get(setting);
    this.#believed = {
      at: typeof at === "number" ? at : clock.now(),
      ms: clock.monotonic(),
    };
  }

  /** By how much a leap that is not believed has put the clock ahead; 0 while it is believed. */
  lookMs(): number {
    const [at, ms] = [this.#clock.now(), this.#clock.monotonic()];
    const byMs = Math.round(at - this.#believed.at - (ms - this.#believed.ms));
    const leap = byMs > usualMs ? this.#leapBy(byMs, ms) : undefined;
    this.#leap = leap !== undefined && ms - leap.sinceMs < standsMs ? leap : undefined;
    if (this.#leap === undefined) this.#believed = { at, ms };
    return this.#leap?.byMs ?? 0;
  }

  /** Within a change: the next daemon begins with what this one believes. */
  keep(store: Store): void {
    store.settings.set(setting, this.#believed.at);
  }

  /** The leap that is there already, unless the clock was set once more since. */
  #leapBy(byMs: number, ms: number): Leap {
    const known = this.#leap;
    return known !== undefined && Math.abs(byMs - known.byMs) <= usualMs
      ? known
      : { byMs, sinceMs: ms };
  }
}
