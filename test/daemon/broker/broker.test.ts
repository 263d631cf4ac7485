import { describe, expect, it } from "vitest";
import { Broker, type BrokerParts } from "../../../daemon/broker/broker.ts";
import type { HostSample } from "../../../daemon/domain/host.ts";
import type { AttemptId } from "../../../daemon/domain/ids.ts";
import { candidate, claims, gib, mib } from "../../support/box.ts";

const admission = {
  maxPasses: 2,
  pressureStopPercent: 5,
  pressureResumePercent: 1,
  sampleMaxAgeMs: 3000,
};

/** A box of 16 GiB whose clock, free memory and pressure the test sets. */
class Box {
  nowMs = 1000;
  availableBytes = 14 * gib;
  pressureFullAvg10 = 0;
  readable = true;
  samples = 0;
  readonly broker: Broker;

  constructor(more: Partial<BrokerParts> = {}) {
    this.broker = new Broker({
      admission,
      memory: { budgetBytes: 12 * gib, reserveBytes: 2 * gib },
      cpus: { total: 4 },
      devices: [],
      pools: { disk: 2 },
      clock: { now: () => 0, monotonic: () => this.nowMs, after: () => () => undefined },
      sample: () => this.#sample(),
      ...more,
    });
  }

  start(name: string, memoryBytes: number): AttemptId {
    const attemptId = `att_${name}` as AttemptId;
    this.broker.ledger.reserve({
      attemptId,
      memoryBytes,
      ...claims({ pools: { disk: 1 } }),
      devices: [],
    });
    return attemptId;
  }

  #sample(): HostSample | undefined {
    this.samples += 1;
    if (!this.readable) return undefined;
    return {
      takenAtMs: this.nowMs,
      memTotalBytes: 16 * gib,
      memAvailableBytes: this.availableBytes,
      pressureFullAvg10: this.pressureFullAvg10,
    };
  }
}

const reasonFor = (box: Box, limitBytes = gib): string | undefined =>
  box.broker.choose([candidate(1, { limitBytes })]).waits[0]?.wait.reason;

describe("the broker", () => {
  it("counts an attempt at its limit until its need is known, and what is left of it after", () => {
    const box = new Box();
    const id = box.start("a", 8 * gib);
    expect(box.broker.snapshot().live).toEqual([
      { limitBytes: 8 * gib, needBytes: 0, ...claims({ pools: { disk: 1 } }), devices: [] },
    ]);
    box.broker.track(id, () => ({ needBytes: 3 * gib }));
    box.nowMs += 50;
    expect(box.broker.snapshot().live[0]?.needBytes).toBe(3 * gib);
  });

  it("fault 35: an attempt that can no longer be read counts as about to grow to its limit", () => {
    const box = new Box();
    box.broker.track(box.start("a", 8 * gib), () => undefined);
    expect(box.broker.snapshot().live[0]?.needBytes).toBe(0);
  });

  it("P7, fault 30: closes when the box cannot be read any more, and when it never could", () => {
    const box = new Box();
    expect(reasonFor(box)).toBeUndefined();
    box.readable = false;
    box.nowMs += 3000;
    expect(reasonFor(box)).toBeUndefined();
    box.nowMs += 1;
    expect(reasonFor(box)).toBe("stale-sample");
    box.readable = true;
    expect(reasonFor(box)).toBeUndefined();
    expect(reasonFor(new Box({ sample: () => undefined }))).toBe("stale-sample");
  });

  it("fault 30: after a minute's standstill it judges by a fresh sample", () => {
    const box = new Box();
    expect(reasonFor(box)).toBeUndefined();
    box.nowMs += 60_000;
    box.availableBytes = 2 * gib;
    expect(reasonFor(box)).toBe("memory-available");
  });

  it("remembers a pressure stop until the pressure is low", () => {
    const box = new Box();
    const course = [6, 3, 1].map((pressure) => {
      box.nowMs += 100;
      box.pressureFullAvg10 = pressure;
      return reasonFor(box);
    });
    expect(course).toEqual(["memory-pressure", "memory-pressure", undefined]);
  });

  it("reads the box once for a round of decisions, and again when an attempt has ended", () => {
    const box = new Box();
    const id = box.start("a", gib);
    box.broker.track(id, () => ({ needBytes: mib }));
    for (let i = 0; i < 9; i++) box.broker.choose([candidate(i)]);
    expect(box.samples).toBe(1);
    box.broker.untrack(id);
    box.broker.ledger.release(id);
    box.broker.choose([candidate(1)]);
    expect(box.samples).toBe(2);
  });

  it("spends no more than a fifth of the time on reading", () => {
    const box = new Box();
    box.broker.track(box.start("a", gib), () => {
      box.nowMs += 100;
      return { needBytes: mib };
    });
    for (let i = 0; i < 100; i++) {
      box.nowMs += 10;
      box.broker.snapshot();
    }
    expect(box.samples).toBe(3);
  });

  it("knows what a step could get of the box now, and at the best moment seen", () => {
    const box = new Box();
    expect(new Box({ sample: () => undefined }).broker.attainable()).toBeUndefined();
    box.availableBytes = 13 * gib + 1;
    expect(box.broker.attainable()).toEqual({ nowBytes: 11 * gib, bestBytes: 11 * gib });
    box.broker.track(box.start("a", 4 * gib), () => ({ needBytes: 3 * gib }));
    box.nowMs += 100;
    box.availableBytes = 9 * gib;
    expect(box.broker.attainable()).toEqual({ nowBytes: 10 * gib, bestBytes: 11 * gib });
  });

  it("tells the figures of the status", () => {
    const devices = [0, 1].map((index) => {
      return { index, name: "A100", vramBytes: 40 * gib, budgetBytes: 34 * gib };
    });
    const box = new Box({ devices });
    box.broker.track(box.start("a", 4 * gib), () => ({ needBytes: 3 * gib }));
    const attemptId = "att_g" as AttemptId;
    const none = claims({ cpus: 0, gpus: 1 });
    box.broker.ledger.reserve({ attemptId, memoryBytes: 0, ...none, devices: [1] });
    expect(box.broker.status()).toEqual({
      memory: {
        totalBytes: 16 * gib,
        availableBytes: 14 * gib,
        budgetBytes: 12 * gib,
        reservedBytes: 4 * gib,
        usedBytes: 3 * gib,
        reserveBytes: 2 * gib,
        pressureFullAvg10: 0,
      },
      cpus: { total: 4, reserved: 1 },
      gpus: [
        { ...devices[0], usedBytes: 0, holders: 0 },
        { ...devices[1], usedBytes: 34 * gib, holders: 1 },
      ],
      pools: [{ name: "disk", total: 2, used: 1 }],
    });
  });
});
