import type { Clock } from "../base/clock.ts";
import type { Broker } from "../broker/broker.ts";
import type { BlutEvent } from "../domain/event.ts";
import type { VersionStamp } from "../domain/version-stamp.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Hold } from "../scheduler/scheduler.ts";
import type { Store } from "../store/store.ts";
import { exposition } from "./exposition.ts";
import { Histogram } from "./histogram.ts";
import { boxMetrics } from "./of-box.ts";
import { processMetrics } from "./of-process.ts";
import { scheduleMetrics, type ScheduleStates } from "./of-schedules.ts";
import { workMetrics } from "./of-work.ts";

/** What the figures are read from. */
export interface TelemetryParts {
  readonly store: Store;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly broker: Broker;
  readonly database: string;
  readonly stamp: VersionStamp;
  readonly hold: () => Hold | undefined;
  /** How often the head of the queue came to wait for something, by the reason's word. */
  readonly admissionStops: () => ReadonlyMap<string, number>;
  readonly schedules: () => ScheduleStates;
  /** How late by its own wish a schedule fires, in ms. */
  readonly delayOf: (schedule: string) => number;
}

/** Seconds; 250 ms is what we promise for the worst of a hundred. */
const latenessBounds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 60];

/**
 * The daemon's own figures as Prometheus reads them. All are read when somebody asks: sums from triggers in
 * the store, the rest from what is in memory anyway. Nothing is sampled while nobody looks.
 */
export class Telemetry {
  readonly #parts: TelemetryParts;
  readonly #lateness = new Histogram(latenessBounds);
  #stopListening: (() => void) | undefined;

  constructor(parts: TelemetryParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#stopListening = this.#parts.events.onAppend((event) => {
      this.#noteLateness(event);
    });
  }

  stop(): void {
    this.#stopListening?.();
  }

  /** Everything, in the text format. */
  async text(): Promise<string> {
    const { store, clock, broker, database, stamp } = this.#parts;
    const own = await processMetrics({ stamp, database, clock });
    return exposition([
      ...own,
      ...workMetrics({
        ...{ store, now: clock.now(), hold: this.#parts.hold()?.mode },
        stops: this.#parts.admissionStops(),
      }),
      ...boxMetrics(broker),
      ...scheduleMetrics(store.totals.all(), this.#parts.schedules()),
      this.#lateness.metric(
        "blut_schedule_lateness_seconds",
        "How long after its time, jitter apart, the clock fired a schedule; since the start",
      ),
    ]);
  }

  /** What was missed and is made up for, and what a person fires, is late by its nature. */
  #noteLateness({ kind, at, facts }: BlutEvent): void {
    if (kind !== "schedule.fired" || facts["cause"] !== "clock") return;
    const { schedule, instant } = facts;
    if (typeof schedule !== "string" || typeof instant !== "number") return;
    const lateMs = at - instant - this.#parts.delayOf(schedule);
    this.#lateness.observe(Math.max(0, lateMs) / 1000);
  }
}
