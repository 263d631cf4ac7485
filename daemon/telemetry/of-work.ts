import { finalRunStates, runStates } from "../domain/run.ts";
import { waitReasons } from "../domain/reservation.ts";
import type { Store } from "../store/store.ts";
import { each, metric, type Metric } from "./exposition.ts";

/** How attempts end, as the totals name it; `killed-from-outside` goes by who it was. */
const causes = [
  ...["succeeded", "failed", "out-of-memory", "timed-out", "stalled", "diverged", "cancelled"],
  ...["lost", "could-not-start", "bad-output"],
] as const;
const killers = ["box-oom", "oomd", "stranger"] as const;

/** What the figures of the work are read from. */
export interface WorkFigures {
  readonly store: Store;
  readonly now: number;
  readonly hold: "pause" | "drain" | undefined;
  readonly stops: ReadonlyMap<string, number>;
}

/** The queue, runs, attempts, and what the cache spared. */
export function workMetrics(figures: WorkFigures): Metric[] {
  const { store } = figures;
  const totals = store.totals.all();
  const total = (name: string): number => totals.get(name) ?? 0;
  return [
    ...runMetrics(figures, total),
    ...queueMetrics(figures),
    ...attemptMetrics(total),
    ...cacheMetrics(store, total),
    metric("counter", "blut_events_total", "Events there ever were", store.events.bounds().last),
  ];
}

type Total = (name: string) => number;

function runMetrics({ store }: WorkFigures, total: Total): Metric[] {
  const counts = store.totals.counts();
  return [
    metric(
      "gauge",
      "blut_runs",
      "Runs on record",
      each("state", runStates, (state) => counts.get(`runs.${state}`) ?? 0),
    ),
    metric(
      "counter",
      "blut_runs_ended_total",
      "Runs that ended, forgotten ones included",
      each("outcome", finalRunStates, (state) => total(`runs.${state}`)),
    ),
    metric("gauge", "blut_queue_steps", "Steps ready to start", counts.get("ready_steps") ?? 0),
  ];
}

function queueMetrics({ store, now, hold, stops }: WorkFigures): Metric[] {
  const oldest = store.totals.oldestQueuedAt();
  const reasons = waitReasons.filter((reason) => stops.has(reason));
  return [
    metric(
      "gauge",
      "blut_queue_oldest_age_seconds",
      "Since the run that is queued longest was submitted; 0 without one",
      oldest === undefined ? 0 : Math.max(0, now - oldest) / 1000,
    ),
    metric(
      "gauge",
      "blut_hold",
      "1 while a person holds new work back",
      each("mode", ["pause", "drain"], (mode) => (hold === mode ? 1 : 0)),
    ),
    metric(
      "counter",
      "blut_admission_stops_total",
      "How often the head of the queue came to wait for this; since the start",
      each("reason", reasons, (reason) => stops.get(reason) ?? 0),
    ),
  ];
}

function attemptMetrics(total: Total): Metric[] {
  const byKiller = killers.map((by) => total(`attempts.killed-from-outside.${by}`));
  const outside = byKiller.reduce((sum, count) => sum + count, 0);
  return [
    metric("counter", "blut_attempts_ended_total", "Attempts that ended", [
      ...each("outcome", causes, (cause) => total(`attempts.${cause}`)),
      { labels: { outcome: "killed-from-outside" }, value: outside },
    ]),
    metric("counter", "blut_oom_kills_total", "Attempts that memory ended, by what killed them", [
      { labels: { by: "own-limit" }, value: total("attempts.out-of-memory") },
      { labels: { by: "box" }, value: total("attempts.killed-from-outside.box-oom") },
      { labels: { by: "oomd" }, value: total("attempts.killed-from-outside.oomd") },
    ]),
  ];
}

function cacheMetrics({ cache }: Store, total: Total): Metric[] {
  const { artifacts, bytes, hits, savedMs } = cache.totals();
  const misses = total("cache.misses");
  return [
    metric("counter", "blut_cache_hits_total", "Steps whose result was there already", hits),
    metric("counter", "blut_cache_misses_total", "Steps whose key had no result", misses),
    metric("counter", "blut_cache_saved_seconds_total", "Work that hits spared", savedMs / 1000),
    metric("gauge", "blut_cache_artifacts", "Artifacts that are kept", artifacts),
    metric("gauge", "blut_cache_bytes", "Their content, each counted whole", bytes),
  ];
}
