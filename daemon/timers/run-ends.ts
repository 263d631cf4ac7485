import type { Clock } from "../base/clock.ts";
import type { BlutEvent } from "../domain/event.ts";
import type { RunId } from "../domain/ids.ts";
import { ok } from "../domain/result.ts";
import type { RunState } from "../domain/run.ts";
import type { Timing } from "../domain/schedule.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { TickRow } from "../store/schedules.ts";
import type { Store } from "../store/store.ts";
import { DueTimes } from "./due-times.ts";
import type { Schedule } from "./read-schedule.ts";
import type { ScheduleShelf } from "./files/shelf.ts";
import { latestStartOf } from "./standing.ts";

/** What the ends of runs are learnt from and written to. */
export interface EndParts {
  readonly store: Store;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly shelf: ScheduleShelf;
  readonly scheduler: Scheduler;
}

/** After a full disk. */
const tryAgainMs = 10_000;
/** Runs that are cancelled together share a commit; more would hold the event loop too long. */
const together = 500;

type End = Extract<RunState, "succeeded" | "failed" | "cancelled">;

/** Follows the runs that schedules started: to their start where that has a deadline, and to their end. */
export class RunEnds {
  readonly #parts: EndParts;
  readonly #changed: (schedule: string) => void;
  readonly #waiting = new Set<() => void>();
  /** Until when each run may start. */
  readonly #latest = new DueTimes<RunId>();
  #stopListening: (() => void) | undefined;

  /** `changed` is called when the end of a run changed what is known of its schedule. */
  constructor(parts: EndParts, changed: (schedule: string) => void) {
    this.#parts = parts;
    this.#changed = changed;
  }

  /** Also takes in what ended while nobody listened; done when that is on record. */
  async start(): Promise<void> {
    const { store, events } = this.#parts;
    this.#stopListening = events.onAppend((event) => {
      const end = endOf(event);
      const tick = end && store.schedules.tickOfRun(event.runId ?? "");
      if (tick !== undefined && end !== undefined) void this.#end(tick, end);
    });
    let last = { schedule: "", instant: 0 };
    for (;;) {
      const page = store.schedules.openTicksAfter(last.schedule, last.instant);
      await Promise.all(page.map((tick) => this.#takeUp(tick)));
      const next = page.at(-1);
      if (next === undefined) return;
      last = next;
    }
  }

  stop(): void {
    this.#stopListening?.();
    for (const disarm of this.#waiting) disarm();
  }

  /** Says until when a run may start. */
  expect(schedule: Schedule, tick: TickRow | undefined): void {
    if (tick?.runId !== undefined) this.#latest.set(tick.runId, latestStartOf(schedule, tick));
  }

  /** When a run may be too late for the next time; undefined when none may. */
  get firstDeadline(): number | undefined {
    return this.#latest.first()?.at;
  }

  /** Cancels every run that has not started in time; done when that is on record. */
  async cancelLate(): Promise<void> {
    const { clock } = this.#parts;
    for (;;) {
      const ids = this.#latest.take(clock.now(), together);
      if (ids.length === 0) return;
      await Promise.all(ids.map((id) => this.#cancelLate(id)));
    }
  }

  /** Ends runs that a newer one takes the place of. */
  async replace(name: string, ids: readonly RunId[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#parts.scheduler.cancel(ids, { reason: `${name} fired again`, now: false });
  }

  /** Within a change: one more failure in a row, which may pause the schedule. */
  countFailure(name: string, { onFailure }: Timing): void {
    const { store, events, clock } = this.#parts;
    const row = store.schedules.get(name);
    if (row === undefined) return;
    const failures = row.failures + 1;
    const { retryAfterMs, retries, pauseAfter = Infinity } = onFailure;
    const now = clock.now();
    if (failures >= pauseAfter && row.pausedAt === undefined) {
      store.schedules.put({ ...row, failures, pausedAt: now });
      events.append("schedule.paused", { facts: { schedule: name, failures } });
      return;
    }
    const retries_ = retryAfterMs !== undefined && row.retries < retries;
    store.schedules.put({ ...row, failures, ...(retries_ && { retryAt: now + retryAfterMs }) });
  }

  async #cancelLate(id: RunId): Promise<void> {
    const { clock, store, scheduler } = this.#parts;
    const run = store.runs.get(id);
    const tick = store.schedules.tickOfRun(id);
    if (tick === undefined || run?.state !== "queued" || run.startedAt !== undefined) return;
    const reason = `${tick.schedule}: too late to start`;
    const asked = await scheduler.cancel([id], { reason, now: false });
    if (!asked.ok) this.#latest.set(id, clock.now() + tryAgainMs);
    // Whatever fires next must not find it open.
    else if (asked.value.cancelled.includes(id)) await this.#end(tick, "cancelled");
  }

  #later(ms: number, work: () => Promise<void>): void {
    const disarm = this.#parts.clock.after(Math.max(0, ms), () => {
      this.#waiting.delete(disarm);
      void work();
    });
    this.#waiting.add(disarm);
  }

  async #takeUp(tick: TickRow): Promise<void> {
    const run = tick.runId === undefined ? undefined : this.#parts.store.runs.get(tick.runId);
    const schedule = this.#parts.shelf.get(tick.schedule);
    if (run === undefined) await this.#end(tick, "cancelled");
    else if (run.state === "succeeded" || run.state === "failed" || run.state === "cancelled") {
      await this.#end(tick, run.state);
    } else if (schedule !== undefined) {
      this.expect(schedule, tick);
      const isReplaced = schedule.timing.overlap === "replace" && !this.#isNewest(tick);
      if (isReplaced) await this.replace(tick.schedule, [run.id]);
    }
  }

  #isNewest({ schedule, at }: TickRow): boolean {
    return this.#parts.store.schedules.openTicks(schedule).every((each) => each.at <= at);
  }

  async #end(tick: TickRow, end: End): Promise<void> {
    const { store, shelf } = this.#parts;
    const name = tick.schedule;
    if (tick.runId !== undefined) this.#latest.set(tick.runId, undefined);
    const written = await store.write(() => {
      if (!store.schedules.endTick(tick, end)) return ok(undefined);
      const schedule = shelf.get(name);
      if (end === "failed" && schedule !== undefined) this.countFailure(name, schedule.timing);
      else if (end === "succeeded") {
        store.schedules.succeeded(name);
      }
      return ok(undefined);
    });
    if (written.ok) this.#changed(name);
    else this.#later(tryAgainMs, () => this.#end(tick, end));
  }
}

function endOf({ kind }: BlutEvent): End | undefined {
  switch (kind) {
    case "run.succeeded":
      return "succeeded";
    case "run.failed":
      return "failed";
    case "run.cancelled":
      return "cancelled";
    default:
      return undefined;
  }
}
