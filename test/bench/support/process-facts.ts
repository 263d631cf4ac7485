import { readdirSync, readFileSync } from "node:fs";

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

function sumOfThreads(pid: number, file: string, read: (text: string) => number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((thread) => read(readFileSync(`/proc/${pid}/task/${thread}/${file}`, "utf8")))
    .reduce((a, b) => a + b, 0);
}

function field(status: string, name: string): string {
  return new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1] ?? "";
}
