import type { Clock } from "../../base/clock.ts";

/** When a wait is over though nothing rang. */
export interface WaitEnd {
  /** Monotonic ms. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/**
 * What a long poll waits on. It keeps a ring that came while nobody listened, so whoever hangs it up
 * first and looks afterwards misses nothing.
 */
export class Bell {
  #isRung = false;
  #wake: (() => void) | undefined;

  readonly ring = (): void => {
    this.#isRung = true;
    this.#wake?.();
  };

  /** Settles at the next ring, or at the one that was kept; false when the wait was over before. */
  async heard({ deadlineMs, signal, clock }: WaitEnd): Promise<boolean> {
    const leftMs = deadlineMs - clock.monotonic();
    if (!this.#isRung && leftMs > 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const callOff = clock.after(leftMs, end);
        function end(): void {
          callOff();
          signal.removeEventListener("abort", end);
          resolve();
        }
        signal.addEventListener("abort", end);
        this.#wake = end;
      });
    }
    const isHeard = this.#isRung;
    this.#isRung = false;
    this.#wake = undefined;
    return isHeard;
  }
}
