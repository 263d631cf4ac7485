import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { say } from "./figure.ts";

/** How long a process is left alone before it is looked at, and while it is: its workers go after 20 s. */
export const settleMs = 25_000;
export const restMs = 60_000;

/** CPU time a process has had so far, ms in steps of 10; threads that have ended count, too. */
export function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  // Behind the name, which may hold anything; see proc_pid_stat(5).
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** How often its threads have gone to sleep by themselves so far. */
export function wakeUps(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((thread) => readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8"))
    .map((text) => Number(field(text, "voluntary_ctxt_switches")))
    .reduce((a, b) => a + b, 0);
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

function field(status: string, name: string): string {
  return new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1] ?? "";
}
