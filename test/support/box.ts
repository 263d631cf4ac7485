import type { RunId } from "../../daemon/domain/ids.ts";
import type { HostRecord } from "../../daemon/domain/lineage.ts";
import { chooseStarts, type Candidate, type Snapshot } from "../../daemon/broker/admission.ts";
import type { Wait } from "../../daemon/domain/reservation.ts";
import type { Holding } from "../../daemon/broker/tally.ts";

export const mib = 1024 ** 2;
export const gib = 1024 ** 3;

/** A run id that sorts by `number`. */
export function runId(number: number): RunId {
  return `run_${String(number).padStart(12, "0")}` as RunId;
}

/** A ready step of 1 GiB and one CPU, unless said otherwise. */
export function candidate(number: number, more: Partial<Candidate> = {}): Candidate {
  return {
    runId: runId(number),
    step: "main",
    priority: 0,
    weight: 1,
    passedOver: 0,
    limitBytes: gib,
    claims: claims(),
    ...more,
  };
}

export function claims(more: Partial<Candidate["claims"]> = {}): Candidate["claims"] {
  return { cpus: 1, gpus: 0, vramBytes: 0, pools: {}, locks: [], ...more };
}

/** A live attempt of 1 GiB that has allocated half of it, unless said otherwise. */
export function holding(more: Partial<Holding> = {}): Holding {
  return { limitBytes: gib, needBytes: gib / 2, ...claims(), devices: [], ...more };
}

/** A quiet box of 16 GiB: 8 GiB for blut, 2 GiB in reserve, 8 CPUs. */
export function snapshot(more: Partial<Snapshot> = {}): Snapshot {
  return {
    nowMs: 0,
    host: { takenAtMs: 0, memTotalBytes: 16 * gib, memAvailableBytes: 14 * gib },
    sampleMaxAgeMs: 3000,
    pressureStop: false,
    budgetBytes: 8 * gib,
    reserveBytes: 2 * gib,
    cpusTotal: 8,
    gpus: [],
    pools: { disk: 2 },
    live: [],
    ...more,
  };
}

/** The same box with so much memory available. */
export function available(bytes: number): Snapshot["host"] {
  return { takenAtMs: 0, memTotalBytes: 16 * gib, memAvailableBytes: bytes };
}

/** A machine as lineage remembers it. */
export const aHost: HostRecord = {
  name: "box",
  cores: 8,
  memoryBytes: 16 * gib,
  gpus: [],
  kernel: "6.1.0",
  drivers: {},
  node: "24.0.0",
  blut: "1.0.0",
};

/** Why a step may not start now if it stood alone in the queue; undefined when it may. */
export function refusal(box: Snapshot, alone: Candidate): Wait | undefined {
  return chooseStarts(box, [alone], { maxPasses: 0 }).waits[0]?.wait;
}
