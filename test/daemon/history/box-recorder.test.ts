import { describe, expect, test } from "vitest";
import type { Clock } from "../../../daemon/base/clock.ts";
import type { AttemptId } from "../../../daemon/domain/ids.ts";
import { emptyCurve, withReading } from "../../../daemon/domain/memory-curve.ts";
import type { WaitReason } from "../../../daemon/domain/reservation.ts";
import { EventLog } from "../../../daemon/events/event-log.ts";
import { BoxRecorder } from "../../../daemon/history/box-recorder.ts";
import type { Store } from "../../../daemon/store/store.ts";
import { gib } from "../../support/box.ts";
import { anAttempt, aRun, insertReadyRun, keep } from "../store/support/rows.ts";
import { openStore } from "../store/support/scratch.ts";

const minute = 60_000;
const everything = { sinceAt: 0, untilAt: Infinity };

/** A box whose time, memory and work the test sets; timers fire as its time passes them. */
class Bed {
  nowMs = 10 * minute;
  availableBytes = 20 * gib;
  pressureFullAvg10 = 0;
  attempts = 0;
  waitsFor: WaitReason | undefined;
  curve = emptyCurve;
  readonly store: Store = openStore();
  readonly recorder: BoxRecorder;
  readonly #timers = new Map<() => void, number>();
  readonly #events: EventLog;

  constructor() {
    const clock: Clock = {
      now: () => this.nowMs,
      monotonic: () => this.nowMs,
      after: (ms, callback) => {
        this.#timers.set(callback, this.nowMs + ms);
        return () => this.#timers.delete(callback);
      },
    };
    this.#events = new EventLog(this.store, clock, { keep: 1000 });
    this.recorder = new BoxRecorder({
      ...{ store: this.store, events: this.#events, clock },
      memory: { budgetBytes: 24 * gib, reserveBytes: 2 * gib },
      sample: () => ({
        takenAtMs: this.nowMs,
        memTotalBytes: 32 * gib,
        memAvailableBytes: this.availableBytes,
        pressureFullAvg10: this.pressureFullAvg10,
      }),
      reserved: () => ({ attempts: this.attempts, memoryBytes: this.attempts * 4 * gib }),
      tracks: () =>
        this.attempts === 0
          ? []
          : [{ attemptId: anAttempt(1).id, memory: { needBytes: gib, curve: this.curve } }],
      headWait: () => this.waitsFor,
    });
  }

  get isAwake(): boolean {
    return this.#timers.size > 0;
  }

  /** Lets time pass, second by second. */
  pass(ms: number): void {
    for (const end = this.nowMs + ms; this.nowMs < end;) {
      this.nowMs += 1000;
      for (const [callback, at] of [...this.#timers]) {
        if (at <= this.nowMs && this.#timers.delete(callback)) callback();
      }
    }
  }

  /** A run is put in line, as its submit would. */
  async queue(): Promise<void> {
    await keep(this.store, () => {
      insertReadyRun(this.store, aRun(1));
      this.#events.append("run.queued", { runId: aRun(1).id });
    });
  }

  /** It starts. */
  async begin(): Promise<AttemptId> {
    await keep(this.store, () => {
      this.store.ready.delete(aRun(1).id, "main");
      this.store.attempts.insert(anAttempt(1));
      this.#events.append("attempt.starting");
    });
    this.attempts = 1;
    return anAttempt(1).id;
  }

  /** Every change so far is on disk. */
  async written(): Promise<void> {
    await keep(this.store, () => undefined);
  }
}

describe("the history of the box", () => {
  test("with nothing to do it looks once and sleeps", async () => {
    const bed = new Bed();
    bed.recorder.start();
    bed.pass(minute);
    expect(bed.isAwake).toBe(false);
    await bed.recorder.stop();
    expect(bed.store.boxMinutes.list(everything, 100)).toStrictEqual([]);
  });

  test("a minute has the worst of each, and sums over the time; then it sleeps again", async () => {
    const bed = new Bed();
    bed.recorder.start();
    bed.pass(20_000);
    await bed.queue();
    await bed.begin();
    bed.pass(10_000);
    bed.availableBytes = gib;
    bed.pressureFullAvg10 = 7;
    bed.pass(5_000);
    bed.availableBytes = 20 * gib;
    bed.pressureFullAvg10 = 0;
    bed.pass(5_000);
    bed.attempts = 0;
    bed.pass(minute);
    await bed.written();
    expect(bed.isAwake).toBe(false);
    expect(bed.store.boxMinutes.list(everything, 100)).toStrictEqual([
      {
        at: 10 * minute,
        availableBytes: gib,
        pressureFull: 7,
        limitBytes: 4 * gib,
        needBytes: gib,
        limitByteSeconds: 80 * gib,
        needByteSeconds: 20 * gib,
        running: 1,
        waiting: 0,
        budgetBytes: 24 * gib,
        floorBytes: 2 * gib,
      },
    ]);
    expect(bed.store.boxMinutes.totals(everything, 5)).toStrictEqual({
      minutes: 1,
      limitByteSeconds: 80 * gib,
      needByteSeconds: 20 * gib,
      floorMinutes: 1,
      pressureMinutes: 1,
      nearMinutes: 1,
      leastAvailableBytes: gib,
      highestPressure: 7,
    });
    expect(
      bed.store.boxMinutes.totals({ sinceAt: 11 * minute, untilAt: Infinity }, 5),
    ).toStrictEqual({
      minutes: 0,
      limitByteSeconds: 0,
      needByteSeconds: 0,
      floorMinutes: 0,
      pressureMinutes: 0,
      nearMinutes: 0,
    });
  });

  test("what only waits is there, too, with what the first in line waits for", async () => {
    const bed = new Bed();
    bed.waitsFor = "memory-budget";
    await bed.queue();
    bed.recorder.start();
    bed.pass(2 * minute + 5_000);
    await bed.written();
    const rows = bed.store.boxMinutes.list(everything, 100);
    expect(rows.map(({ running, waiting }) => [running, waiting])).toStrictEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(bed.store.boxMinutes.headWaits(everything)).toStrictEqual([
      "memory-budget",
      "memory-budget",
    ]);
  });

  test("what it waits for belongs to the minute in which it did", async () => {
    const bed = new Bed();
    bed.waitsFor = "memory-budget";
    await bed.queue();
    bed.recorder.start();
    bed.pass(minute - 2000);
    bed.waitsFor = "cpus";
    bed.pass(minute);
    bed.waitsFor = undefined;
    await bed.recorder.stop();
    expect(bed.store.boxMinutes.headWaits(everything)).toStrictEqual(["memory-budget", "cpus"]);
  });

  test("a daemon that ends and starts within a minute adds to it", async () => {
    const bed = new Bed();
    bed.recorder.start();
    await bed.queue();
    await bed.begin();
    bed.pass(10_000);
    await bed.recorder.stop();
    bed.availableBytes = 5 * gib;
    bed.recorder.start();
    bed.pass(10_000);
    await bed.recorder.stop();
    const [row, ...more] = bed.store.boxMinutes.list(everything, 100);
    expect(more).toStrictEqual([]);
    expect(row).toMatchObject({ availableBytes: 5 * gib, limitByteSeconds: 80 * gib });
  });
});

test("what a live attempt needs is on disk a minute later, and goes on where an earlier daemon was", async () => {
  const bed = new Bed();
  bed.recorder.start();
  await bed.queue();
  const id = await bed.begin();
  for (const [at, need] of [
    [0, 5],
    [1000, 6],
    [2000, 7],
  ] as const) {
    bed.curve = withReading(bed.curve, at, need);
  }
  bed.pass(minute + 5_000);
  await bed.written();
  expect(bed.store.memoryCurves.get(id)).toStrictEqual({ stepMs: 1000, needBytes: [5, 6, 7] });
  bed.curve = emptyCurve;
  for (const at of [4000, 5000, 6000]) bed.curve = withReading(bed.curve, at, 9);
  bed.pass(minute);
  await bed.written();
  expect(bed.store.memoryCurves.get(id)?.needBytes).toStrictEqual([5, 6, 7, null, 9, 9, 9]);
});
