import { setImmediate } from "node:timers/promises";

/** Rows that are read before everybody else has a turn. */
export const rowsAtOnce = 100;

/** Counts what is read, and lets everybody else have a turn when it was enough. */
export class Turns {
  #rows = 0;

  /** After so many rows more; nothing that was read before may be taken for what is there after it. */
  async after(rows: number): Promise<void> {
    this.#rows += rows;
    if (this.#rows < rowsAtOnce) return;
    this.#rows = 0;
    await setImmediate();
  }
}
