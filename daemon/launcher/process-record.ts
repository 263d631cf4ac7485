import { z } from "zod";
import { bootId } from "../base/boot-id.ts";
import { attemptFiles, readOwn, writeOwn } from "./attempt-files.ts";
import { isAlive, isSame, readProcess, type ProcessIdentity } from "./process-table.ts";

const shape = z.strictObject({
  pid: z.int().min(2),
  startTicks: z.int().min(0),
  bootId: z.string(),
});

/** Remembers an attempt's shim in its directory, for a daemon that comes later. */
export function rememberShim(directory: string, shim: ProcessIdentity): void {
  const record = { pid: shim.pid, startTicks: shim.startTicks, bootId: bootId() };
  writeOwn(attemptFiles(directory).process, `${JSON.stringify(record)}\n`);
}

/** The attempt's shim as remembered; undefined when it was never started in this boot of the machine. */
export function recallShim(directory: string): ProcessIdentity | undefined {
  try {
    const text = readOwn(attemptFiles(directory).process, 1024) ?? "";
    const { bootId: thatBoot, ...identity } = shape.parse(JSON.parse(text));
    return thatBoot === bootId() ? identity : undefined;
  } catch {
    return undefined;
  }
}

/** True while that very process runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  const now = readProcess(identity.pid);
  return now !== undefined && isSame(now, identity) && isAlive(now);
}
