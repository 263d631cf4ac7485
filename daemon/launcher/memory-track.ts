import { emptyCurve, withReading, type MemoryCurve } from "../domain/memory-curve.ts";

/** What a live attempt needed so far, as it was sampled. */
export class MemoryTrack {
  #curve = emptyCurve;
  #needBytes = 0;

  /** `atMs` counts from the attempt's start, through every daemon that saw it. */
  sample(atMs: number, needBytes: number): void {
    this.#needBytes = needBytes;
    this.#curve = withReading(this.#curve, atMs, needBytes);
  }

  /** The whole course, thinned out; another object when there was news. */
  get curve(): MemoryCurve {
    return this.#curve;
  }

  /** At the last sample. */
  get needBytes(): number {
    return this.#needBytes;
  }
}
