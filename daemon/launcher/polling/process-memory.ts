import { readFileSync } from "node:fs";
import type { Usage } from "../launcher.ts";
import type { ProcessIdentity } from "../process-table.ts";

/**
 * What some processes hold, each counted by itself: cheap, and too much where they share pages (after
 * a fork, in shared memory).
 */
export function countedUsage(processes: readonly ProcessIdentity[]): Usage {
  return sum(processes, "status", (text) => ({
    needBytes: bytesOf(text, "RssAnon") + bytesOf(text, "RssShmem") + bytesOf(text, "VmSwap"),
    totalBytes: bytesOf(text, "VmRSS") + bytesOf(text, "VmSwap"),
  }));
}

/** The same with every shared page counted once among its holders; the kernel walks all pages for it. */
export function exactUsage(processes: readonly ProcessIdentity[]): Usage {
  return sum(processes, "smaps_rollup", (text) => ({
    needBytes: bytesOf(text, "Pss_Anon") + bytesOf(text, "Pss_Shmem") + bytesOf(text, "SwapPss"),
    totalBytes: bytesOf(text, "Pss") + bytesOf(text, "SwapPss"),
  }));
}

/** Reads a `Name:   123 kB` line; 0 where the kernel does not show it. */
export function bytesOf(text: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text);
  return Number(match?.[1] ?? 0) * 1024;
}

function sum(
  processes: readonly ProcessIdentity[],
  file: string,
  read: (text: string) => Usage,
): Usage {
  return processes
    .map(({ pid }) => read(textOf(`/proc/${pid}/${file}`)))
    .reduce(
      (all, one) => ({
        needBytes: all.needBytes + one.needBytes,
        totalBytes: all.totalBytes + one.totalBytes,
      }),
      { needBytes: 0, totalBytes: 0 },
    );
}

/** A process that ended meanwhile holds nothing. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
