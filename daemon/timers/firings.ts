import type { Clock } from "../base/clock.ts";
import { TurnsByName } from "../base/turn-taking.ts";
import { failure, type Failure } from "../domain/failure.ts";
import type { RunId } from "../domain/ids.ts";
import { ok } from "../domain/result.ts";
import type { TickCause, TickState } from "../domain/schedule.ts";
import type { EventLog } from "../events/event-log.ts";
import type { ScheduleRow, TickRow } from "../store/schedules.ts";
import type { Store } from "../store/store.ts";
import { dueInstants, type Missed } from "./due.ts";
import type { Schedule } from "./read-schedule.ts";
import type { RunEnds } from "./run-ends.ts";
import { startWork, type WorkDoor } from "./start-work.ts";

/** What a firing needs. */
export interface FiringParts extends WorkDoor {
  readonly store: Store;
  readonly events: EventLog;
  readonly clock: Clock;
}

/** By how much an instant was put off before anybody asked for it. */
export interface PutOff {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** What came of what had come. */
export interface Dealt {
  /** Nothing of it is to be tried again. */
  readonly isDone: boolean;
  readonly ticks: readonly TickRow[];
}

const mostQueued = 100;

/** Turns instants into rows: each has a run, or the reason why it has none. */
export class Firings {
  readonly #parts: FiringParts;
  readonly #ends: RunEnds;
  readonly #turns = new TurnsByName();
  #isStopped = false;

  constructor(parts: FiringParts, ends: RunEnds) {
    this.#parts = parts;
    this.#ends = ends;
  }

  /** What is known of a schedule; one that was never seen before begins now. */
  row(name: string): ScheduleRow {
    const { store, clock } = this.#parts;
    const known = store.schedules.get(name);
    return known ?? { name, handledAt: clock.now(), failures: 0, retries: 0 };
  }

  /** Fires nothing more. */
  stop(): void {
    this.#isStopped = true;
  }

  /**
   * Deals with everything of a schedule that has come by `now`; whoever looked at the clock has put each instant
   * off by `putOff`.
   */
  async deal(schedule: Schedule, now: number, putOff: PutOff): Promise<Dealt> {
    const { name, timing, zone } = schedule;
    const { handledAt } = this.row(name);
    const windowMs = Math.min(timing.catchUp.windowMs, timing.startWithinMs ?? Infinity);
    const rule = { trigger: timing.trigger, catchUp: { ...timing.catchUp, windowMs }, zone };
    const spanMs = putOff.mostMs - putOff.leastMs;
    const { onTime, caughtUp, missed } = dueInstants(rule, handledAt, now - putOff.leastMs, spanMs);
    const causes = [
      ...caughtUp.map((instant) => [instant, "catch-up"] as const),
      ...onTime.map((instant) => [instant, "clock"] as const),
    ];
    const ticks: TickRow[] = [];
    if (missed !== undefined && !(await this.miss(schedule, missed)))
      return { isDone: false, ticks };
    const fire = async (instant: number, cause: TickCause): Promise<boolean> => {
      if (this.#isStopped || !(await this.fire(schedule, instant, cause))) return false;
      const tick = this.#parts.store.schedules.tick(name, instant);
      if (tick !== undefined) ticks.push(tick);
      return true;
    };
    for (const [instant, cause] of causes) {
      if (!(await fire(instant, cause))) return { isDone: false, ticks };
    }
    // An instant of its own ends the tries of the one before it.
    const { retryAt = Infinity } = this.row(name);
    return { isDone: retryAt > now || (await fire(retryAt, "retry")), ticks };
  }

  /** Puts instants that nobody makes up for on record. False when the disk did not take them. */
  async miss({ name }: Schedule, { since, until, count }: Missed): Promise<boolean> {
    const { store, events, clock } = this.#parts;
    const written = await store.write(() => {
      const tick = { schedule: name, instant: until, cause: "clock", state: "missed" } as const;
      const because = "nobody was there";
      store.schedules.insertMissed({ ...tick, at: clock.now(), because, since, count });
      const row = this.row(name);
      store.schedules.put({ ...row, handledAt: Math.max(row.handledAt, until) });
      events.append("schedule.missed", { facts: { schedule: name, from: since, until, count } });
      return ok(undefined);
    });
    return written.ok;
  }

  /**
   * Fires once; whatever comes of it is on record. False when it is to be tried again. One after the other:
   * a person and the clock may fire at the same time, and each has to find the run of the other.
   */
  fire(schedule: Schedule, instant: number, cause: TickCause): Promise<boolean> {
    return this.#turns.inTurn(schedule.name, () => this.#fire(schedule, instant, cause));
  }

  async #fire(schedule: Schedule, instant: number, cause: TickCause): Promise<boolean> {
    const { store } = this.#parts;
    const { name, timing } = schedule;
    if (store.schedules.has(name, instant)) return this.#passOver(name, instant, cause);
    const open = store.schedules.openTicks(name).flatMap(({ runId = [] }) => runId);
    const last = open.at(-1);
    if (last !== undefined && (timing.overlap === "skip" || open.length >= mostQueued)) {
      return this.#without(schedule, instant, cause, "skipped", `${last} has not ended`);
    }
    const alongside = (runId: RunId): Failure | undefined => {
      if (this.#note(name, instant, cause, "fired", undefined, runId)) return undefined;
      return failure("wrong-state", "this instant has been dealt with", "nothing is to be done");
    };
    const after = last === undefined ? [] : [last];
    const started = await startWork(this.#parts, schedule, { instant, after, alongside });
    if (started.ok) {
      this.#ends.expect(schedule, store.schedules.tick(name, instant));
      // Only now: what cannot be queued ends nothing. A daemon that dies here leaves that to the next.
      if (timing.overlap === "replace") await this.#ends.replace(name, open);
      return true;
    }
    if (started.error.retryable) return false;
    if (store.schedules.has(name, instant)) return this.#passOver(name, instant, cause);
    const why = started.error.message;
    return this.#without(schedule, instant, cause, "refused", why);
  }

  /** An instant that has its row already, from before the clock was set back: it goes by, and the next one is due. */
  async #passOver(name: string, instant: number, cause: TickCause): Promise<boolean> {
    if (cause === "person") return true;
    const { store } = this.#parts;
    const written = await store.write(() => {
      store.schedules.put(advanced(this.row(name), instant, cause));
      return ok(undefined);
    });
    return written.ok;
  }

  /** Records an instant that has no run. */
  async #without(
    { name, timing }: Schedule,
    instant: number,
    cause: TickCause,
    state: "skipped" | "refused",
    because: string,
  ): Promise<boolean> {
    const { store, events } = this.#parts;
    const written = await store.write(() => {
      if (!this.#note(name, instant, cause, state, because)) return ok(undefined);
      events.append(`schedule.${state}`, { facts: { schedule: name, instant, because } });
      if (state === "refused") this.#ends.countFailure(name, timing);
      return ok(undefined);
    });
    return written.ok;
  }

  /** Within a change: the instant's row, and how far the schedule has come. False when it was there. */
  #note(
    name: string,
    instant: number,
    cause: TickCause,
    state: TickState,
    because?: string,
    runId?: RunId,
  ): boolean {
    const { store, events, clock } = this.#parts;
    const tick = { schedule: name, instant, cause, state, at: clock.now() };
    const more = {
      ...(runId !== undefined && { runId }),
      ...(because !== undefined && { because }),
    };
    const isNew = store.schedules.insertTick({ ...tick, ...more });
    // What a person fires is beside the clock's own instants: none of those has been dealt with by it.
    if (cause !== "person") store.schedules.put(advanced(this.row(name), instant, cause));
    if (isNew && runId !== undefined) {
      events.append("schedule.fired", { runId, facts: { schedule: name, instant, cause } });
    }
    return isNew;
  }
}

/** How far a schedule has come once an instant of its own, or its retry, has been dealt with. */
function advanced(
  row: ScheduleRow,
  instant: number,
  cause: Exclude<TickCause, "person">,
): ScheduleRow {
  const next: { -readonly [K in keyof ScheduleRow]: ScheduleRow[K] } = { ...row };
  delete next.retryAt;
  if (cause === "retry") return { ...next, retries: row.retries + 1 };
  return { ...next, retries: 0, handledAt: Math.max(row.handledAt, instant) };
}
