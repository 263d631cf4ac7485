import { availableParallelism, release } from "node:os";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { HostSample } from "../domain/host.ts";
import { readKernelFile } from "./kernel-file.ts";
import { memoryLimits } from "./memory-limits.ts";

/** Where the kernel's files are; tests lay out their own. */
export interface Roots {
  readonly proc: string;
  readonly cgroup: string;
}

const kernelRoots: Roots = { proc: "/proc", cgroup: "/sys/fs/cgroup" };

/** What does not change while the daemon runs. */
export interface HostFacts {
  readonly cores: number;
  /** Of the box, or of the container that blutd is in. */
  readonly memTotalBytes: number;
  readonly kernel: string;
  /** Whether the kernel tells memory pressure (PSI); without it admission goes by free memory alone. */
  readonly hasPressure: boolean;
}

/**
 * Reads the box's memory from the kernel's files: some 100 microseconds, no program started. In a
 * container its limit counts where it is the tighter one. Undefined when the files cannot be read.
 */
export function sampleHost(clock: Clock, roots: Roots = kernelRoots): HostSample | undefined {
  const takenAtMs = clock.monotonic();
  const memory = readMeminfo(roots);
  if (memory === undefined) return undefined;
  const limits = memoryLimits(roots);
  return {
    takenAtMs,
    memTotalBytes: Math.min(memory.totalBytes, ...limits.map((l) => l.limitBytes)),
    memAvailableBytes: Math.min(memory.availableBytes, ...limits.map((l) => l.availableBytes)),
    ...readPressure(roots),
  };
}

/** The box's standing facts; undefined when the kernel's files cannot be read. */
export function hostFacts(roots: Roots = kernelRoots): HostFacts | undefined {
  const memory = readMeminfo(roots);
  if (memory === undefined) return undefined;
  return {
    cores: availableParallelism(),
    memTotalBytes: Math.min(memory.totalBytes, ...memoryLimits(roots).map((l) => l.limitBytes)),
    kernel: release(),
    hasPressure: readPressure(roots).pressureFullAvg10 !== undefined,
  };
}

function readMeminfo({ proc }: Roots): { totalBytes: number; availableBytes: number } | undefined {
  const text = readKernelFile(join(proc, "meminfo"));
  const total = /^MemTotal:\s+(\d+) kB$/m.exec(text ?? "")?.[1];
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(text ?? "")?.[1];
  if (total === undefined || available === undefined) return undefined;
  return { totalBytes: Number(total) * 1024, availableBytes: Number(available) * 1024 };
}

function readPressure({
  proc,
}: Roots): Pick<HostSample, "pressureFullAvg10" | "pressureSomeAvg10"> {
  const text = readKernelFile(join(proc, "pressure/memory"));
  const full = /^full avg10=(\d+(?:\.\d+)?) /m.exec(text ?? "")?.[1];
  const some = /^some avg10=(\d+(?:\.\d+)?) /m.exec(text ?? "")?.[1];
  return {
    ...(full !== undefined && { pressureFullAvg10: Number(full) }),
    ...(some !== undefined && { pressureSomeAvg10: Number(some) }),
  };
}
