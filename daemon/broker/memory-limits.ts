import { dirname, join } from "node:path";
import { readKernelFile } from "./kernel-file.ts";

/** A cgroup limit above us: what it allows in all, and what it would still give. */
export interface MemoryLimit {
  readonly limitBytes: number;
  readonly availableBytes: number;
}

/** The memory controller's files under version 1 and 2 of cgroups. */
const versions = {
  v1: {
    limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes",
    inactiveFile: /^total_inactive_file (\d+)$/m,
  },
  v2: { limit: "memory.max", usage: "memory.current", inactiveFile: /^inactive_file (\d+)$/m },
} as const;
type Version = keyof typeof versions;

/**
 * The memory limits of the cgroups that we are in, up to the top of what we can see: in a container
 * that top carries the container's own limit. The unit of a service is left out: its limit guards the
 * daemon, and the work is elsewhere. Unlimited ones are left out too.
 */
export function memoryLimits(roots: { proc: string; cgroup: string }): MemoryLimit[] {
  const own = ownCgroup(readKernelFile(join(roots.proc, "self/cgroup")) ?? "");
  const top = own.version === "v1" ? join(roots.cgroup, "memory") : roots.cgroup;
  return levels(own.path).flatMap((path) => limitAt(join(top, path), own.version) ?? []);
}

/** Which cgroup the memory controller has us in; a hybrid box has it in version 1. */
function ownCgroup(text: string): { version: Version; path: string } {
  const v1 = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m.exec(text)?.[1];
  if (v1 !== undefined) return { version: "v1", path: v1 };
  return { version: "v2", path: /^0::(\/.*)$/m.exec(text)?.[1] ?? "/" };
}

/** `/a/b` is in `/a/b`, `/a` and `/`. A path that leads out of our view leaves only its top. */
function levels(path: string): string[] {
  if (path.split("/").includes("..")) return ["/"];
  const found = path.endsWith(".service") ? [] : [path];
  for (let at = path; at !== "/";) {
    at = dirname(at);
    found.push(at);
  }
  return found;
}

function limitAt(folder: string, version: Version): MemoryLimit | undefined {
  const names = versions[version];
  const limitBytes = numberIn(readKernelFile(join(folder, names.limit)));
  const usedBytes = numberIn(readKernelFile(join(folder, names.usage)));
  // Version 1 says "unlimited" as a number close to 2^63.
  if (limitBytes === undefined || usedBytes === undefined || limitBytes > Number.MAX_SAFE_INTEGER) {
    return undefined;
  }
  const inactive = names.inactiveFile.exec(readKernelFile(join(folder, "memory.stat")) ?? "")?.[1];
  const availableBytes = limitBytes - usedBytes + Number(inactive ?? 0);
  return { limitBytes, availableBytes: Math.max(0, Math.min(availableBytes, limitBytes)) };
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+\n?$/.test(text) ? Number(text) : undefined;
}
