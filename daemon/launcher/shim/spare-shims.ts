import type { Clock } from "../../base/clock.ts";
import type { Failure } from "../../domain/failure.ts";
import type { Result } from "../../domain/result.ts";
import { spawnShim, type Shim } from "./shim.ts";

/** Quiet for so long after a start, so that the next spare takes nothing from the command that just began. */
const quietMs = 50;

/**
 * Keeps one shim waiting for the next attempt. A spawn out of Node copies the page tables of the whole
 * daemon and holds its event loop meanwhile: that is the dearest step of a start, and it needs to know
 * nothing of the attempt. In a burst only the first start finds a spare; the others spawn their own.
 */
export class SpareShims {
  readonly #clock: Clock;
  #spare: Promise<Result<Shim, Failure>> | undefined;
  #callOff: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A shim at its gate: the spare, or where that is missing or was killed, a new one. */
  async take(): Promise<Result<Shim, Failure>> {
    this.#callOff();
    const waiting = this.#spare;
    this.#spare = undefined;
    const spare = await waiting;
    const isThere = spare?.ok === true && !spare.value.isGone();
    return isThere ? spare : await spawnShim();
  }

  /** A start is over: makes the next spare when no other start follows at once. */
  replenish(): void {
    this.#callOff();
    this.#callOff = this.#clock.after(quietMs, () => {
      // Where none can be spawned now, the next start tries itself and tells why.
      this.#spare ??= spawnShim();
    });
  }
}
