import { uptime } from "node:os";
import { z } from "zod";
import { bootId } from "../base/boot-id.ts";
import { attemptFiles, readOwn, writeOwn } from "./attempt-files.ts";
import { isAlive, isSame, readProcess, type ProcessIdentity } from "./process-table.ts";

const shape = z.strictObject({
  pid: z.int().min(2),
  startTicks: z.int().min(0),
  bootId: z.string(),
  takenMs: z.number().min(0),
});

/** An attempt's shim, and when it became that: it may have waited for long; ms since boot. */
export interface RememberedShim extends ProcessIdentity {
  readonly takenMs: number;
}

/** Remembers an attempt's shim in its directory, for a daemon that comes later. */
export function rememberShim(directory: string, shim: ProcessIdentity): void {
  const { pid, startTicks } = shim;
  const record = { pid, startTicks, bootId: bootId(), takenMs: uptime() * 1000 };
  writeOwn(attemptFiles(directory).process, `${JSON.stringify(record)}\n`);
}

/** The attempt's shim as remembered; undefined when it was never started in this boot of the machine. */
export function recallShim(directory: string): RememberedShim | undefined {
  try {
    const text = readOwn(attemptFiles(directory).process, 1024) ?? "";
    const { bootId: thatBoot, ...shim } = shape.parse(JSON.parse(text));
    return thatBoot === bootId() ? shim : undefined;
  } catch {
    return undefined;
  }
}

/** Ms since an attempt has its shim, by the clock that runs from boot: nobody steps it. */
export function ageMs({ takenMs }: RememberedShim): number {
  return Math.max(0, uptime() * 1000 - takenMs);
}

/** True while that very process runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  const now = readProcess(identity.pid);
  return now !== undefined && isSame(now, identity) && isAlive(now);
}
