import { closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../base/system-error.ts";
import { needBytes, parseCounters, type MemoryCounters } from "./memory-need.ts";

/**
 * Why a reading has no value: the cgroup (or, on an older kernel, the one file) does not exist any
 * more, or it could not be read this time, as when every file descriptor is taken. The second says
 * nothing about the cgroup.
 */
export type NoReading = "gone" | "unreadable";

/** How often the kernel acted on a cgroup and everything below it. */
export interface MemoryEvents {
  /** Times it was slowed down above its `memory.high`. */
  readonly high: number;
  /** Times it was about to go over its `memory.max`. */
  readonly max: number;
  /** Times one of its own limits could not be held by reclaim. An outsider's OOM does not count here. */
  readonly oom: number;
  /** Processes that an OOM killer took, whoever ran out. */
  readonly oomKill: number;
}

/**
 * Where a unit's `ControlGroup` is in the file system. A unit that has none any more gets a path that
 * cannot exist: every reading of it is `gone`, and never the root's.
 */
export function cgroupDirectory(controlGroup: string): string {
  return controlGroup === "" ? "/dev/null/no-cgroup" : join("/sys/fs/cgroup", controlGroup);
}

/** The highest `memory.current` ever seen by the kernel, page cache included; bytes. */
export function readPeakBytes(directory: string): number | NoReading {
  return readNumber(directory, "memory.peak");
}

/** Memory charged now, page cache included; bytes. */
export function readCurrentBytes(directory: string): number | NoReading {
  return readNumber(directory, "memory.current");
}

/** Counts over the life of the cgroup, its descendants included. */
export function readMemoryEvents(directory: string): MemoryEvents | NoReading {
  const counters = readCounters(directory, "memory.events");
  if (typeof counters === "string") return counters;
  const { high = 0, max = 0, oom = 0, oom_kill: oomKill = 0 } = counters;
  return { high, max, oom, oomKill };
}

/** One reading of `memory.stat`; sizes in bytes. */
export interface MemoryReading {
  readonly needBytes: number;
  /** Page cache. */
  readonly fileBytes: number;
  /** File pages read back so far soon after they were thrown out. */
  readonly refaultedPages: number;
}

/** What it holds that no reclaim can take away, how much of the rest is page cache, and its refaults. */
export function readNeed(directory: string): MemoryReading | NoReading {
  const stat = readCounters(directory, "memory.stat");
  if (typeof stat === "string") return stat;
  const swapBytes = readNumber(directory, "memory.swap.current");
  if (swapBytes === "unreadable") return swapBytes;
  // A kernel without swap accounting has no such file, while the cgroup is there.
  const need = needBytes(stat, swapBytes === "gone" ? 0 : swapBytes);
  return {
    needBytes: need,
    fileBytes: Math.max(0, (stat["file"] ?? 0) - (stat["shmem"] ?? 0)),
    refaultedPages: stat["workingset_refault_file"] ?? 0,
  };
}

/** CPU time used by everything that ever was in it; ms. */
export function readCpuMs(directory: string): number | NoReading {
  const stat = readCounters(directory, "cpu.stat");
  return typeof stat === "string" ? stat : (stat["usage_usec"] ?? 0) / 1000;
}

/** Process ids in this very cgroup, not below it. */
export function readProcesses(directory: string): readonly number[] | NoReading {
  const text = read(directory, "cgroup.procs");
  return isNoReading(text) ? text : text.content.split("\n").filter(Boolean).map(Number);
}

/** Whether any process lives in it or below it. */
export function readPopulated(directory: string): boolean | NoReading {
  const events = readCounters(directory, "cgroup.events");
  return typeof events === "string" ? events : events["populated"] === 1;
}

/**
 * SIGKILL to every process in it and below it, as one step that no fork can outrun. `gone` also where
 * the kernel (before 5.14) has no `cgroup.kill`; KillUnit is the way there.
 */
export function killAll(directory: string): "killed" | NoReading {
  try {
    // Write-only, and never made where it is missing.
    const file = openSync(join(directory, "cgroup.kill"), constants.O_WRONLY);
    try {
      writeSync(file, "1");
    } finally {
      closeSync(file);
    }
    return "killed";
  } catch (error) {
    return noReading(error);
  }
}

function readNumber(directory: string, file: string): number | NoReading {
  const text = read(directory, file);
  if (isNoReading(text)) return text;
  const value = Number(text.content);
  return text.content.trim() !== "" && Number.isFinite(value) ? value : "unreadable";
}

function readCounters(directory: string, file: string): MemoryCounters | NoReading {
  const text = read(directory, file);
  return isNoReading(text) ? text : parseCounters(text.content);
}

/** Synchronous: the kernel makes these texts from memory, which takes less than a turn of a thread pool. */
function read(directory: string, file: string): { readonly content: string } | NoReading {
  try {
    return { content: readFileSync(join(directory, file), "utf8") };
  } catch (error) {
    return noReading(error);
  }
}

function isNoReading(reading: unknown): reading is NoReading {
  return typeof reading === "string";
}

/** ENODEV is what a file that was open, or just being opened, says after its cgroup was removed. */
function noReading(error: unknown): NoReading {
  const code = errorCode(error);
  return code === "ENOENT" || code === "ENODEV" || code === "ENOTDIR" ? "gone" : "unreadable";
}
