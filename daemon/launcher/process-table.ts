import { readdirSync, readFileSync } from "node:fs";

/** One process as `/proc/PID/stat` shows it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  readonly session: number;
  /** Clock ticks since boot; together with the pid it names one process and no later one. */
  readonly startTicks: number;
  readonly state: string;
  readonly threads: number;
}

/** Reads a line of `/proc/PID/stat`; undefined when it is not one. */
export function parseStat(line: string): ProcessEntry | undefined {
  // The name stands in parentheses and may itself hold blanks and parentheses.
  const nameEnd = line.lastIndexOf(")");
  const pid = Number.parseInt(line, 10);
  const fields = line.slice(nameEnd + 2).split(" ");
  const [state, parentPid, session] = [fields[0], fields[1], fields[3]];
  const [threads, startTicks] = [fields[17], fields[19]];
  if (nameEnd < 0 || !Number.isSafeInteger(pid) || !state || startTicks === undefined) {
    return undefined;
  }
  return {
    pid,
    parentPid: Number(parentPid),
    session: Number(session),
    startTicks: Number(startTicks),
    state,
    threads: Number(threads),
  };
}

/** One process now; undefined when there is none of that number. */
export function readProcess(pid: number): ProcessEntry | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return undefined;
  }
}

/** Every process now. One that comes or goes meanwhile may be missing. */
export function readProcessTable(): readonly ProcessEntry[] {
  return readdirSync("/proc")
    .filter((name) => /^[1-9]\d*$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((entry) => entry !== undefined);
}

/**
 * A zombie holds nothing but its number: it is dead, whether or not anybody reaps it. Unless only its
 * first thread has ended, which looks the same but for the others.
 */
export function isAlive(entry: ProcessEntry): boolean {
  return (entry.state !== "Z" && entry.state !== "X") || entry.threads > 1;
}

/** The same process, not a later one with its number. */
export function isSame(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.startTicks === b.startTicks;
}

/** What names a process for as long as the machine is up. */
export type ProcessIdentity = Pick<ProcessEntry, "pid" | "startTicks">;

/**
 * Signals one process, unless its number belongs to another by now. Between the look and the signal
 * lie microseconds in which the number would have to go round; Node offers no pidfd.
 */
export function signalProcess(identity: ProcessIdentity, signal: "SIGTERM" | "SIGKILL"): void {
  const now = readProcess(identity.pid);
  if (identity.pid <= 1 || now === undefined || !isSame(now, identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch {
    // Gone meanwhile, which is what was wanted.
  }
}
