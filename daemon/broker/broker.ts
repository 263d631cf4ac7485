import { availableParallelism } from "node:os";
import type { Clock } from "../base/clock.ts";
import type { AdmissionPolicy, DaemonConfig, MemoryPolicy } from "../config/config.ts";
import type { GpuDevice } from "../domain/gpu.ts";
import type { HostSample } from "../domain/host.ts";
import type { AttemptId } from "../domain/ids.ts";
import type { Claims } from "../domain/plan.ts";
import { mib } from "../domain/quantity.ts";
import type { Wait } from "../domain/reservation.ts";
import { chooseStarts, type Candidate, type Choice, type Snapshot } from "./admission.ts";
import type { Attainable } from "./estimate.ts";
import { holdingOf, Ledger } from "./ledger.ts";
import { pressureStops } from "./pressure.ts";
import { closedWait } from "./waits.ts";

/** Memory of a live attempt now; undefined when it is gone or cannot be read. */
type ReadUsage = () => { readonly needBytes: number } | undefined;

/** What the box gives, by configuration, and how it is looked at; sizes in bytes. */
export interface BrokerParts {
  readonly admission: AdmissionPolicy;
  readonly memory: Pick<MemoryPolicy, "budgetBytes" | "reserveBytes">;
  readonly cpus: DaemonConfig["cpus"];
  readonly pools: DaemonConfig["pools"];
  /** The GPU devices of the box. */
  readonly devices: readonly GpuDevice[];
  readonly clock: Clock;
  /** A fresh look at the box, or undefined when it cannot be read: then nothing starts. */
  readonly sample: () => HostSample | undefined;
}

/** The box and the live attempts, read together. */
interface Reading {
  readonly host: HostSample;
  readonly needs: ReadonlyMap<AttemptId, number>;
  readonly costMs: number;
}

/** One round of decisions sees one reading. */
const oneRoundMs = 50;
/** Reading takes at most this share of the time, however many live attempts there are to read. */
const largestShare = 1 / 5;
const nothingRead: Reading = {
  host: { takenAtMs: -Infinity, memTotalBytes: 0, memAvailableBytes: 0 },
  needs: new Map(),
  costMs: 0,
};

/** Knows what the box has, what is promised to whom, and so what may start. */
export class Broker {
  readonly ledger = new Ledger();
  readonly cpusTotal: number;
  readonly #parts: BrokerParts;
  readonly #usages = new Map<AttemptId, ReadUsage>();
  #reading = nothingRead;
  /** An attempt has ended since the reading: what it gave back is worth another look. */
  #isOutdated = false;
  #pressureStop = false;
  #leastOutsideBytes = Infinity;

  constructor(parts: BrokerParts) {
    this.#parts = parts;
    this.cpusTotal = parts.cpus.total ?? availableParallelism();
  }

  /** From now on the attempt's real need is known; until then it counts as about to grow to its limit. */
  track(attemptId: AttemptId, usage: ReadUsage): void {
    this.#usages.set(attemptId, usage);
  }

  untrack(attemptId: AttemptId): void {
    this.#isOutdated = this.#usages.delete(attemptId) || this.#isOutdated;
  }

  /** Everything the next decision depends on, as plain data. */
  snapshot(): Snapshot {
    const { admission, memory, devices, pools, clock } = this.#parts;
    const { host, needs } = this.#read();
    return {
      nowMs: clock.monotonic(),
      host,
      sampleMaxAgeMs: admission.sampleMaxAgeMs,
      pressureStop: this.#pressureStop,
      budgetBytes: memory.budgetBytes,
      reserveBytes: memory.reserveBytes,
      cpusTotal: this.cpusTotal,
      gpus: devices,
      pools,
      live: this.ledger.all().map((r) => holdingOf(r, needs.get(r.attemptId))),
    };
  }

  /** Why nothing at all may start, if so. */
  closedWait(): Wait | undefined {
    const { host } = this.#read();
    const { admission, clock } = this.#parts;
    const nowMs = clock.monotonic();
    const { sampleMaxAgeMs } = admission;
    return closedWait({ nowMs, host, sampleMaxAgeMs, pressureStop: this.#pressureStop });
  }

  /**
   * Which of these steps start now; at most `maxStarts`. The caller reserves for each before anything
   * else may ask, that is, without awaiting in between.
   */
  choose(queue: readonly Candidate[], maxStarts?: number): Choice {
    const { maxPasses } = this.#parts.admission;
    return chooseStarts(this.snapshot(), queue, { maxPasses, maxStarts });
  }

  /** Those of the claims that nothing can be started with now, however little memory it takes. */
  lacking(claims: readonly Claims[]): Claims[] {
    const { devices, pools } = this.#parts;
    const capacity = {
      budgetBytes: Infinity,
      freeBytes: Infinity,
      cpusTotal: this.cpusTotal,
      gpus: devices,
      pools,
    };
    return claims.filter((each) => this.ledger.lackOf({ limitBytes: 0, claims: each }, capacity));
  }

  /** What a single step could get if nothing else of ours ran; undefined while the box was never read. */
  attainable(): Attainable | undefined {
    const { host, needs } = this.#read();
    const { budgetBytes, reserveBytes } = this.#parts.memory;
    if (this.#leastOutsideBytes === Infinity) return undefined;
    const within = (bytes: number): number =>
      Math.floor(Math.max(0, Math.min(budgetBytes, bytes - reserveBytes)) / mib) * mib;
    return {
      nowBytes: within(host.memAvailableBytes + sum(needs)),
      bestBytes: within(host.memTotalBytes - this.#leastOutsideBytes),
    };
  }

  /** The figures of `daemon.status`; sizes in bytes. */
  status() {
    const { memory, devices, pools } = this.#parts;
    const { host, needs } = this.#read();
    const { memoryBytes, cpus } = this.ledger.totals();
    return {
      memory: {
        totalBytes: host.memTotalBytes,
        availableBytes: host.memAvailableBytes,
        budgetBytes: memory.budgetBytes,
        reservedBytes: memoryBytes,
        usedBytes: sum(needs),
        reserveBytes: memory.reserveBytes,
        ...(host.pressureFullAvg10 !== undefined && { pressureFullAvg10: host.pressureFullAvg10 }),
      },
      cpus: { total: this.cpusTotal, reserved: cpus },
      gpus: devices.map((device) => this.#deviceStatus(device)),
      pools: Object.entries(pools).map(([name, total]) => ({
        name,
        total,
        used: this.ledger.poolUsed(name),
      })),
    };
  }

  #deviceStatus(device: GpuDevice) {
    const { holders, vramBytes, isWhole } = this.ledger.deviceUse(device.index);
    return { ...device, usedBytes: isWhole ? device.budgetBytes : vramBytes, holders };
  }

  /**
   * The box and every live attempt, read at one go: needs older than the available memory they were part of
   * would promise the same memory twice. Read afresh for every round, unless that takes too much of the time.
   */
  #read(): Reading {
    const { clock, sample, admission } = this.#parts;
    const startedMs = clock.monotonic();
    const ageMs = startedMs - this.#reading.host.takenAtMs;
    const restMs = Math.min(this.#reading.costMs / largestShare, admission.sampleMaxAgeMs / 2);
    if (ageMs < (this.#isOutdated ? restMs : Math.max(restMs, oneRoundMs))) return this.#reading;
    const fresh = sample();
    // The old reading stays, grows stale, and then nothing starts.
    if (fresh === undefined) return this.#reading;
    this.#isOutdated = false;
    const needs = this.#readNeeds();
    this.#reading = { host: fresh, needs, costMs: clock.monotonic() - startedMs };
    this.#pressureStop = pressureStops(this.#pressureStop, fresh, admission);
    const outsideBytes = fresh.memTotalBytes - fresh.memAvailableBytes - sum(needs);
    this.#leastOutsideBytes = Math.min(this.#leastOutsideBytes, Math.max(0, outsideBytes));
    return this.#reading;
  }

  #readNeeds(): Map<AttemptId, number> {
    const needs = new Map<AttemptId, number>();
    for (const [attemptId, usage] of this.#usages) {
      const reading = usage();
      if (reading !== undefined) needs.set(attemptId, reading.needBytes);
    }
    return needs;
  }
}

function sum(needs: ReadonlyMap<AttemptId, number>): number {
  let total = 0;
  for (const needBytes of needs.values()) total += needBytes;
  return total;
}
