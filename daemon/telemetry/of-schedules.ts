import { each, metric, type Metric } from "./exposition.ts";

/** How many schedules there are, by how they stand. */
export interface ScheduleStates {
  readonly on: number;
  readonly off: number;
  readonly paused: number;
  readonly broken: number;
}

const states = ["on", "off", "paused", "broken"] as const;
const fates = ["fired", "skipped", "missed", "refused"] as const;
const ends = ["succeeded", "failed", "cancelled"] as const;

/** Schedules and what became of their instants. */
export function scheduleMetrics(
  totals: ReadonlyMap<string, number>,
  standing: ScheduleStates,
): Metric[] {
  return [
    metric(
      "gauge",
      "blut_schedules",
      "Schedules, by how they stand",
      states.map((state) => ({ labels: { state }, value: standing[state] })),
    ),
    metric(
      "counter",
      "blut_schedule_instants_total",
      "Instants of schedules, by what became of them",
      each("result", fates, (fate) => totals.get(`ticks.${fate}`) ?? 0),
    ),
    metric(
      "counter",
      "blut_schedule_runs_ended_total",
      "Runs that schedules started and that ended",
      each("outcome", ends, (end) => totals.get(`ticks.${end}`) ?? 0),
    ),
  ];
}
