import { readFileSync } from "node:fs";
import type { Usage } from "../launcher.ts";
import type { ProcessIdentity } from "../process-table.ts";

/**
 * What some processes hold, each counted by itself: cheap, and too much where they share pages (after
 * a fork, in shared memory).
 */
export function countedUsage(processes: readonly ProcessIdentity[]): Usage {
  return sum(processes.map(counted));
}

/** The same with every shared page counted once among its holders; the kernel walks all pages for it. */
export function exactUsage(processes: readonly ProcessIdentity[]): Usage {
  return sum(processes.map(exact));
}

function counted({ pid }: ProcessIdentity): Usage {
  const text = textOf(`/proc/${pid}/status`);
  return {
    needBytes: bytesOf(text, "RssAnon") + bytesOf(text, "RssShmem") + bytesOf(text, "VmSwap"),
    totalBytes: bytesOf(text, "VmRSS") + bytesOf(text, "VmSwap"),
  };
}

/** A process that lets nobody look inside (not dumpable) is counted. */
function exact(process: ProcessIdentity): Usage {
  const text = textOf(`/proc/${process.pid}/smaps_rollup`);
  if (text === "") return counted(process);
  return {
    needBytes: bytesOf(text, "Pss_Anon") + bytesOf(text, "Pss_Shmem") + bytesOf(text, "SwapPss"),
    totalBytes: bytesOf(text, "Pss") + bytesOf(text, "SwapPss"),
  };
}

/** Reads a `Name:   123 kB` line; 0 where the kernel does not show it. */
function bytesOf(text: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text);
  return Number(match?.[1] ?? 0) * 1024;
}

function sum(usages: readonly Usage[]): Usage {
  return {
    needBytes: usages.reduce((all, { needBytes }) => all + needBytes, 0),
    totalBytes: usages.reduce((all, { totalBytes }) => all + totalBytes, 0),
  };
}

/** A process that ended meanwhile holds nothing. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
