import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { say } from "./figure.ts";

/** How long a process is left alone before it is looked at, and while it is. */
export const settleMs = 5_000;
export const restMs = 60_000;

/** CPU time a process has had so far, all threads, ms. */
export function cpuMs(pid: number): number {
  return sumOfThreads(pid, "schedstat", (text) => Number(text.split(" ")[0])) / 1e6;
}

/** How often its threads have gone to sleep by themselves so far. */
export function wakeUps(pid: number): number {
  return sumOfThreads(pid, "status", (text) => Number(field(text, "voluntary_ctxt_switches")));
}

/** Its resident memory, or the highest that ever was; bytes. */
export function residentBytes(pid: number, which: "now" | "highest" = "now"): number {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  return parseInt(field(text, which === "now" ? "VmRSS" : "VmHWM")) * 1024;
}

/** What a process does while nobody asks anything of it: processor time in %, and wake-ups a second. */
export async function rest(
  pid: number,
): Promise<{ readonly busyPercent: number; readonly wakeUpsPerSecond: number }> {
  say(`resting ${restMs / 1000} s`);
  await sleep(settleMs);
  const before = { cpuMs: cpuMs(pid), wakeUps: wakeUps(pid) };
  await sleep(restMs);
  return {
    busyPercent: ((cpuMs(pid) - before.cpuMs) / restMs) * 100,
    wakeUpsPerSecond: ((wakeUps(pid) - before.wakeUps) / restMs) * 1000,
  };
}

function sumOfThreads(pid: number, file: string, read: (text: string) => number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((thread) => read(readFileSync(`/proc/${pid}/task/${thread}/${file}`, "utf8")))
    .reduce((a, b) => a + b, 0);
}

function field(status: string, name: string): string {
  return new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1] ?? "";
}
