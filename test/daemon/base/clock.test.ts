import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../daemon/base/clock.ts";

const day = 86_400_000;

describe("systemClock.after", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([0, 1, 2 ** 31 - 1, 2 ** 31, 60 * day, 3650 * day])(
    "calls back once after %d ms, and not before",
    (ms) => {
      const callback = vi.fn();
      systemClock.after(ms, callback);
      vi.advanceTimersByTime(Math.max(0, ms - 1));
      expect(callback).toHaveBeenCalledTimes(ms === 0 ? 1 : 0);
      vi.advanceTimersByTime(1);
      expect(callback).toHaveBeenCalledOnce();
      vi.advanceTimersByTime(100 * day);
      expect(callback).toHaveBeenCalledOnce();
    },
  );

  it("is called off at any time, also after a timer of its own was armed again", () => {
    const callback = vi.fn();
    const callOff = systemClock.after(60 * day, callback);
    vi.advanceTimersByTime(59 * day);
    callOff();
    callOff();
    vi.advanceTimersByTime(100 * day);
    expect(callback).not.toHaveBeenCalled();
  });

  it("fault 31: counts monotonic time, whatever happens to the wall clock", () => {
    const callback = vi.fn();
    systemClock.after(day, callback);
    vi.setSystemTime(Date.now() + 3 * day);
    vi.advanceTimersByTime(day - 1);
    expect(callback).not.toHaveBeenCalled();
    vi.setSystemTime(Date.now() - 7_200_000);
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledOnce();
  });
});

it("systemClock tells epoch ms and a monotonic ms that does not go back", () => {
  expect(systemClock.now()).toBeGreaterThan(Date.UTC(2026, 0, 1));
  const first = systemClock.monotonic();
  expect(systemClock.monotonic()).toBeGreaterThanOrEqual(first);
});
