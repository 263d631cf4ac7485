import { readdir, stat } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import type { Clock } from "../base/clock.ts";
import type { VersionStamp } from "../domain/version-stamp.ts";
import { metric, type Metric } from "./exposition.ts";

/** Node's own shortest timer. */
const shortestTimerMs = 1;

/** The daemon as a process, by the names that every client library gives. */
export async function processMetrics(asked: {
  readonly stamp: VersionStamp;
  readonly database: string;
  readonly clock: Clock;
}): Promise<Metric[]> {
  const { stamp, database, clock } = asked;
  const { user, system } = process.cpuUsage();
  return [
    metric("gauge", "blut_build_info", "What this daemon was made from", [
      { labels: buildLabels(stamp), value: 1 },
    ]),
    metric(
      "gauge",
      "blut_event_loop_lag_seconds",
      "How late a timer was when this was asked",
      (await lagMs(clock)) / 1000,
    ),
    metric(
      "counter",
      "blut_event_loop_busy_seconds_total",
      "What the event loop spent on anything but waiting",
      performance.eventLoopUtilization().active / 1000,
    ),
    metric("gauge", "blut_database_bytes", "The database on the disk", await sizeOf(database)),
    metric("gauge", "blut_database_wal_bytes", "Its log", await sizeOf(`${database}-wal`)),
    metric("counter", "process_cpu_seconds_total", "CPU time", (user + system) / 1_000_000),
    metric("gauge", "process_resident_memory_bytes", "Resident memory", process.memoryUsage.rss()),
    metric("gauge", "process_open_fds", "Open file descriptors", await openFiles()),
    metric(
      "gauge",
      "process_start_time_seconds",
      "When it started, since 1970",
      performance.timeOrigin / 1000,
    ),
  ];
}

/** What is not known has no label, which to Prometheus is an empty one. */
function buildLabels({ version, commit, dirty }: VersionStamp): Readonly<Record<string, string>> {
  return {
    version,
    ...(commit !== undefined && { commit }),
    ...(dirty !== undefined && { dirty: String(dirty) }),
  };
}

/** One timer when somebody asks: a probe that runs all the time would wake an idle box. */
async function lagMs(clock: Clock): Promise<number> {
  const askedMs = clock.monotonic();
  await new Promise<void>((resolve) => {
    clock.after(shortestTimerMs, resolve);
  });
  return Math.max(0, clock.monotonic() - askedMs - shortestTimerMs);
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}

async function openFiles(): Promise<number | undefined> {
  try {
    return (await readdir("/proc/self/fd")).length;
  } catch {
    return undefined;
  }
}
