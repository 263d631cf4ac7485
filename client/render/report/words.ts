import type { MethodResult } from "../../../daemon/protocol/methods.ts";
import { formatDuration } from "../duration.ts";

/** Everything the daemon says of a span. */
export type Report = MethodResult<"report.get">;
export type Failure = Report["failures"][number];
type Reason = NonNullable<NonNullable<Report["waits"]>["longest"]["why"]>;

const gib = 1024 ** 3;

/** The whole report in one sentence. */
export function headline({ runs, needYou, daemon }: Report): string {
  const { succeeded, failed, cancelled } = runs;
  const ended = succeeded + failed + cancelled;
  const need = needYou === 0 ? "" : `; ${needYou} ${needYou === 1 ? "needs" : "need"} you`;
  if (ended === 0) {
    const quiet = runs.running + runs.queued === 0 && daemon.starts === 0;
    return `${quiet ? "Nothing happened" : "Nothing has ended yet"}${need}.`;
  }
  const all = ended === 1 ? "The one run" : `All ${ended} runs`;
  if (succeeded === ended) return `${all} ended well${need}.`;
  const told = `${succeeded} of ${plural(ended, "run")} ended well`;
  return `${told}${need || "; nothing needs you"}.`;
}

/** What goes on while the report is read. */
export function nowWords({ runs: { running, queued } }: Report): string {
  if (running + queued === 0) return "nothing runs now";
  const waits = queued === 0 ? "" : `, ${queued} ${queued === 1 ? "waits" : "wait"}`;
  return `${running} ${running === 1 ? "runs" : "run"} now${waits}`;
}

/** The command to type next about a failure. */
export function nextCommand({ cause, runId, step }: Failure): string {
  const place = step === undefined || step === "main" ? runId : `${runId}/${step}`;
  if (cause === "out-of-memory" || cause === "footprint-exceeds-host") {
    return `blutctl explain ${runId}`;
  }
  if (cause === "lost" || cause.startsWith("killed by")) return `blutctl retry ${runId}`;
  if (cause === "needed-run-failed" || cause === "bad-input") return `blutctl show ${runId}`;
  return `blutctl log ${place}`;
}

/** How a run ended badly, for a person; the daemon's word where nothing reads better. */
export function causeWords(cause: string): string {
  switch (cause) {
    case "footprint-exceeds-host":
      return "needs more than the box has";
    case "needed-run-failed":
      return "what it needed failed";
    case "out-of-memory":
      return "out of memory";
    case "killed by box-oom":
      return "killed: the box ran out of memory";
    case "killed by oomd":
      return "killed by systemd-oomd";
    case "killed by stranger":
      return "killed by a stranger";
    default:
      return cause.replaceAll("-", " ");
  }
}

/** Why the first in line had to wait, after "because". */
export const reasonWords: Readonly<Record<Reason, string>> = {
  paused: "blut was paused",
  draining: "blut was draining",
  "systemd-away": "systemd did not answer",
  "disk-low": "the disk was nearly full",
  "waits-for-run": "it waited for a run",
  "waits-for-step": "it waited for a step",
  "backing-off": "it was backing off",
  "memory-budget": "the memory budget was taken",
  "memory-available": "others used the box's memory",
  "memory-pressure": "memory pressure was high",
  "stale-sample": "the box could not be read",
  cpus: "the CPUs were taken",
  gpus: "the GPUs were taken",
  pool: "a pool was taken",
  lock: "a lock was held",
  "head-of-line": "something larger went first",
  next: "it was about to start",
};

/** Memory held over time: `117 GiB h`, which is 117 GiB for an hour. */
export function byteHours(byteSeconds: number): string {
  const hours = byteSeconds / gib / 3600;
  const digits = hours >= 100 ? 0 : hours >= 10 ? 1 : 2;
  return `${Number(hours.toFixed(digits))} GiB h`;
}

/** `1 run`, `3 runs`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `3 minutes`, `1h20m`: a count of minutes as a length. */
export function minutesWords(minutes: number): string {
  return minutes < 60 ? plural(minutes, "minute") : formatDuration(minutes * 60_000);
}

/** Part of a whole, in percent. */
export function share(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)} %`;
}

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** An instant of a report in local time: `Sat 20:31`, with its date once a week is not enough. */
export function dayTime(at: number, now: number): string {
  const date = new Date(at);
  const two = (number: number): string => String(number).padStart(2, "0");
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (now - at > 6 * 86_400_000) {
    return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
  }
  return `${days[date.getDay()] ?? ""} ${time}`;
}
