/** Time as constructors take it: the wall clock for records, the monotonic one for lengths. */
export interface Clock {
  /** Epoch ms; may jump. */
  now(): number;
  /** Monotonic ms; never goes back, and stands still while the machine sleeps. */
  monotonic(): number;
  /**
   * Calls back once after `ms`, however long that is: Node's own timers fire at once above 2^31 ms.
   * Returns how to call it off.
   */
  after(ms: number, callback: () => void): () => void;
}

const longestTimerMs = 2 ** 31 - 1;

/** Waits for a length of time. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    const deadlineMs = performance.now() + ms;
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const leftMs = deadlineMs - performance.now();
      timer =
        leftMs > longestTimerMs
          ? setTimeout(arm, longestTimerMs)
          : setTimeout(callback, Math.max(0, leftMs));
    };
    arm();
    return () => {
      clearTimeout(timer);
    };
  },
};
