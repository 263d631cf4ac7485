import { describe, expect, it } from "vitest";
import type { Clock } from "../../../../daemon/base/clock.ts";
import { SilenceWatch } from "../../../../daemon/executor/attempt/silence.ts";

/** A clock that a test moves; timers of a daemon that stands still fire late. */
class HandClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  now(): number {
    return this.#now;
  }
  monotonic(): number {
    return this.#now;
  }
  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + ms, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Time passes, and timers fire when they are due. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#due(end); next !== undefined; next = this.#due(end)) {
      this.#now = next.at;
      this.#fire(next);
    }
    this.#now = end;
  }

  /** Time passes while nothing runs; what was due meanwhile fires at the end of it. */
  standStill(ms: number): void {
    this.#now += ms;
    const end = this.#now;
    for (let next = this.#due(end); next !== undefined; next = this.#due(end)) this.#fire(next);
  }

  #due(end: number) {
    return [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }

  #fire(timer: { readonly at: number; readonly callback: () => void }): void {
    this.#timers.delete(timer);
    timer.callback();
  }
}

describe("a watch over a stage's silence", () => {
  const rig = (longestMs = 60_000) => {
    const clock = new HandClock();
    const found: number[] = [];
    let unread = false;
    const look = (): boolean => {
      const news = unread;
      unread = false;
      return news;
    };
    const watch = new SilenceWatch(clock, longestMs, look, (silentMs) => found.push(silentMs));
    return { clock, found, watch, leaveNews: () => (unread = true) };
  };

  it("tells once, when it was silent for as long as it may not be", () => {
    const { clock, found } = rig();
    clock.pass(59_999);
    expect(found).toEqual([]);
    clock.pass(1);
    expect(found).toEqual([60_000]);
    clock.pass(600_000);
    expect(found).toEqual([60_000]);
  });

  it("counts from the last word", () => {
    const { clock, found, watch } = rig();
    for (let n = 0; n < 10; n++) {
      clock.pass(50_000);
      watch.heard();
    }
    clock.pass(59_999);
    expect(found).toEqual([]);
    clock.pass(1);
    expect(found).toEqual([60_000]);
  });

  it("asks the file before it tells", () => {
    const { clock, found, leaveNews } = rig();
    leaveNews();
    clock.pass(119_999);
    expect(found).toEqual([]);
    clock.pass(1);
    expect(found).toEqual([60_000]);
  });

  it("gives a stage its whole time again when it stood still itself", () => {
    const { clock, found } = rig();
    clock.pass(10_000);
    clock.standStill(300_000);
    expect(found).toEqual([]);
    clock.pass(59_999);
    expect(found).toEqual([]);
    clock.pass(1);
    expect(found).toEqual([60_000]);
  });

  it("tells nobody once it is closed", () => {
    const { clock, found, watch } = rig();
    watch.close();
    clock.pass(600_000);
    expect(found).toEqual([]);
  });
});
