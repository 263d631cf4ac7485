import { readdirSync, readFileSync } from "node:fs";

/** Share of the free descriptors that clients never get: runs, logs and the database need theirs. */
const keptShare = 1 / 3;

/**
 * Connections that leave descriptors for everything else, at most `wanted`. Without this the kernel
 * would refuse clients by its own limit, and runs with them.
 */
export function affordableConnections(wanted: number): number {
  const limit = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
  if (limit === undefined) return wanted;
  const free = Number(limit) - readdirSync("/proc/self/fd").length;
  return Math.max(1, Math.min(wanted, Math.floor(free * (1 - keptShare))));
}
