import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock, type Clock } from "../../../daemon/base/clock.ts";
import { watchPopulated } from "../../../daemon/systemd/cgroup-watch.ts";

/** Timers that go off when the test says so, so that only the kernel's events are left. */
function stoppedClock(): Clock & { fire(): void; readonly armedMs: readonly number[] } {
  const due = new Set<() => void>();
  const armedMs: number[] = [];
  return {
    ...systemClock,
    armedMs,
    after(ms, callback) {
      armedMs.push(ms);
      due.add(callback);
      return () => due.delete(callback);
    },
    fire() {
      const callbacks = [...due];
      due.clear();
      for (const callback of callbacks) callback();
    },
  };
}

describe("watching a cgroup for its end", () => {
  let directory: string;
  const populate = (populated: 0 | 1): void => {
    writeFileSync(join(directory, "cgroup.events"), `populated ${populated}\nfrozen 0\n`);
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "blut-watch-"));
    populate(1);
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  test("tells by the kernel's event alone", async () => {
    const clock = stoppedClock();
    const empty = new Promise<void>((resolve) => {
      watchPopulated(directory, resolve, clock);
    });
    clock.fire();
    populate(0);
    await empty;
  });

  test("tells when the cgroup is gone before anybody looked, but not during the call", () => {
    const clock = stoppedClock();
    rmSync(directory, { recursive: true });
    let calls = 0;
    watchPopulated(directory, () => (calls += 1), clock);
    expect(calls).toBe(0);
    expect(clock.armedMs).toEqual([0]);
    clock.fire();
    expect(calls).toBe(1);
  });

  test("tells once, whatever comes after", () => {
    const clock = stoppedClock();
    let calls = 0;
    const watch = watchPopulated(directory, () => (calls += 1), clock);
    clock.fire();
    expect(calls).toBe(0);
    populate(0);
    for (let round = 0; round < 3; round += 1) clock.fire();
    watch.close();
    expect(calls).toBe(1);
  });

  test("fault 35: a lost event is made up for by the net", () => {
    const clock = stoppedClock();
    let calls = 0;
    watchPopulated(directory, () => (calls += 1), clock);
    for (let round = 0; round < 3; round += 1) clock.fire();
    expect(calls).toBe(0);
    rmSync(directory, { recursive: true });
    clock.fire();
    expect(calls).toBe(1);
  });

  test("is silent once it is closed", () => {
    const clock = stoppedClock();
    let calls = 0;
    const watch = watchPopulated(directory, () => (calls += 1), clock);
    watch.close();
    watch.close();
    populate(0);
    clock.fire();
    expect(calls).toBe(0);
  });
});
