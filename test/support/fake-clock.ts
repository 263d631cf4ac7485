import type { Clock } from "../../daemon/base/clock.ts";

/** Time that goes on as the test lets it, wall clock and monotonic alike; timers fire as it passes them. */
export class FakeClock implements Clock {
  nowMs = 1_000_000;
  readonly #timers = new Map<() => void, number>();

  now(): number {
    return this.nowMs;
  }

  monotonic(): number {
    return this.nowMs;
  }

  after(ms: number, callback: () => void): () => void {
    this.#timers.set(callback, this.nowMs + ms);
    return () => this.#timers.delete(callback);
  }

  /** Whether anything waits for a time. */
  get isAwaited(): boolean {
    return this.#timers.size > 0;
  }

  pass(ms: number): void {
    const end = this.nowMs + ms;
    for (;;) {
      const [first] = [...this.#timers].sort(([, a], [, b]) => a - b);
      if (first === undefined || first[1] > end) break;
      const [callback, at] = first;
      this.nowMs = Math.max(this.nowMs, at);
      this.#timers.delete(callback);
      callback();
    }
    this.nowMs = end;
  }
}
