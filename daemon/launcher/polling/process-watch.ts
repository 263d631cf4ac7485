import type { Clock } from "../../base/clock.ts";
import { readProcessTable, type ProcessEntry } from "../process-table.ts";

/** Something that wants to see every process of the box, again and again. */
export interface Onlooker {
  /** Answers whether it wants to look again very soon: it has just killed something. */
  look(table: readonly ProcessEntry[]): boolean;
}

const shortestMs = 100;
const longestMs = 200;
const hurriedMs = 20;
/** Looking may take this share of one core, so a box with many processes is looked at less often. */
const costShare = 0.05;

/** One look at `/proc` for all attempts, while there are any; it stands still otherwise. */
export class ProcessWatch {
  readonly #clock: Clock;
  readonly #onlookers = new Set<Onlooker>();
  #callOff: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(onlooker: Onlooker): void {
    this.#onlookers.add(onlooker);
    this.lookNow();
  }

  remove(onlooker: Onlooker): void {
    this.#onlookers.delete(onlooker);
  }

  lookNow(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    if (this.#onlookers.size === 0) return;
    const beganMs = this.#clock.monotonic();
    const table = readProcessTable();
    const isHurried = [...this.#onlookers].map((one) => one.look(table)).some(Boolean);
    const costMs = this.#clock.monotonic() - beganMs;
    const restMs = Math.min(longestMs, Math.max(shortestMs, costMs / costShare));
    if (this.#onlookers.size === 0) return;
    this.#callOff = this.#clock.after(isHurried ? hurriedMs : restMs, () => {
      this.lookNow();
    });
  }
}
