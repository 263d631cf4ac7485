import type { HostSample } from "../domain/host.ts";
import { formatBytes, formatDuration } from "../domain/quantity.ts";
import type { Claims } from "../domain/plan.ts";
import type { Wait } from "../domain/reservation.ts";
import { roomy } from "./gpu/allotment.ts";
import { gpuWords, neverFits } from "./gpu/sentences.ts";
import { milli, type Tally } from "./tally.ts";
import { poolTotal, type Capacity, type Lack, type Want } from "./room.ts";

/** What closes admission for every step alike. */
export interface Gate {
  /** Monotonic, as `host.takenAtMs`. */
  readonly nowMs: number;
  readonly host: HostSample;
  readonly sampleMaxAgeMs: number;
  /** Memory pressure has stopped admission; see pressure.ts. */
  readonly pressureStop: boolean;
}

/** Why nothing at all may start, if so. */
export function closedWait({ nowMs, host, sampleMaxAgeMs, pressureStop }: Gate): Wait | undefined {
  const ageMs = nowMs - host.takenAtMs;
  if (!(ageMs <= sampleMaxAgeMs)) {
    return {
      reason: "stale-sample",
      message: Number.isFinite(ageMs)
        ? `the box's memory was last read ${formatDuration(ageMs)} ago, and only fresh figures count`
        : "the box's memory cannot be read",
      unblocks: "a fresh reading of the box's memory; blutctl doctor says what is wrong",
    };
  }
  if (pressureStop) {
    const percent = host.pressureFullAvg10;
    return {
      reason: "memory-pressure",
      message: `the box is short of memory: everything stalled on it ${percent ?? "?"}% of the last 10 s`,
      unblocks: "less memory pressure: work that ends, here or outside blut",
    };
  }
  return undefined;
}

/** Why one step finds no room, with the numbers behind it. */
export function lackWait(
  { limitBytes, claims }: Want,
  lack: Lack,
  taken: Tally,
  capacity: Capacity,
): Wait {
  switch (lack.reason) {
    case "memory-budget":
      return budgetWait(limitBytes, taken, capacity);
    case "memory-available":
      return availableWait(limitBytes, taken, capacity);
    case "cpus":
      return claimWait(
        { reason: "cpus", what: "CPUs", wanted: claims.cpus },
        { total: capacity.cpusTotal, used: taken.milliCpus / 1000 },
      );
    case "gpus":
      return gpuWait(claims, taken, capacity);
    case "pool":
      return claimWait(
        { reason: "pool", what: `of the pool ${lack.name}`, wanted: claims.pools[lack.name] ?? 0 },
        { total: poolTotal(capacity, lack.name), used: taken.pool(lack.name) },
      );
    case "lock":
      return {
        reason: "lock",
        message: `the lock ${lack.name} is taken`,
        unblocks: `the end of the run that holds ${lack.name}`,
      };
  }
}

function budgetWait(limitBytes: number, taken: Tally, capacity: Capacity): Wait {
  const short = taken.limitBytes + limitBytes - capacity.budgetBytes;
  if (limitBytes > capacity.budgetBytes) {
    return {
      reason: "memory-budget",
      message: `it needs ${formatBytes(limitBytes)}, and the whole budget is ${formatBytes(capacity.budgetBytes)}`,
      unblocks: "a larger memory.budget in blut.toml",
    };
  }
  return {
    reason: "memory-budget",
    message:
      `it needs ${formatBytes(limitBytes)}; of the budget of ${formatBytes(capacity.budgetBytes)}, ` +
      `${formatBytes(taken.limitBytes)} are reserved by ${running(taken)}`,
    unblocks: `the end of running work that holds ${formatBytes(short)}`,
  };
}

function availableWait(limitBytes: number, taken: Tally, capacity: Capacity): Wait {
  const leftBytes = Math.max(0, capacity.freeBytes - taken.growthBytes);
  const short = taken.growthBytes + limitBytes - capacity.freeBytes;
  const growth =
    taken.growthBytes > 0
      ? `, with ${formatBytes(taken.growthBytes)} kept for ${running(taken)} to grow into`
      : "";
  return {
    reason: "memory-available",
    message:
      `it needs ${formatBytes(limitBytes)}; the box can spare ` +
      `${formatBytes(leftBytes)} above its reserve${growth}`,
    unblocks: `${formatBytes(short)} more memory available: work that ends, here or outside blut`,
  };
}

function claimWait(
  { reason, what, wanted }: { reason: "cpus" | "pool"; what: string; wanted: number },
  { total, used }: { total: number; used: number },
): Wait {
  if (milli(wanted) > milli(total)) {
    return {
      reason,
      message: `it claims ${wanted} ${what}, and there are ${total} in all`,
      unblocks: `a larger ${reason === "cpus" ? "cpus.total" : "pool"} in blut.toml`,
    };
  }
  return {
    reason,
    message: `it claims ${wanted} ${what}; ${used} of ${total} are in use`,
    unblocks: `the end of running work that uses ${short(wanted + used - total)} ${what}`,
  };
}

function gpuWait(claims: Claims, taken: Tally, { gpus: devices }: Capacity): Wait {
  const reason = "gpus";
  const never = neverFits(claims, devices);
  if (never !== undefined) {
    return { reason, message: never, unblocks: "more in gpus.devices in blut.toml" };
  }
  const free = roomy(claims, devices, (index) => taken.device(index)).length;
  return {
    reason,
    message: `it claims ${gpuWords(claims)}; ${free} of ${devices.length} can give that now`,
    unblocks: `the end of running work that holds ${claims.gpus - free === 1 ? "a GPU" : "GPUs"}`,
  };
}

/** It would fit, but older ones go first; `head` is the first of the `held`. */
export function heldWait(head: { readonly runId: string }, held: number): Wait {
  const whom = held > 1 ? `${head.runId} and ${held - 1} more` : head.runId;
  return {
    reason: "head-of-line",
    message: `it would fit now, but capacity is held for ${whom}, passed by others often enough`,
    unblocks: `the start of ${whom}`,
  };
}

/** It fits; only so many start at once. */
export const nextWait: Wait = {
  reason: "next",
  message: "it fits and is among the next to start",
  unblocks: "the starts under way",
};

function running(taken: Tally): string {
  return taken.holders === 1 ? "1 running attempt" : `${taken.holders} running attempts`;
}

/** Sums of tenths do not come out even. */
function short(count: number): number {
  return Math.round(count * 1000) / 1000;
}
