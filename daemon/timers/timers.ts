import type { Clock } from "../base/clock.ts";
import { digestOf } from "../base/digest.ts";
import { failure, type Failure } from "../domain/failure.ts";
import type { RunId } from "../domain/ids.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { TickCause, TickState } from "../domain/schedule.ts";
import type { EventLog } from "../events/event-log.ts";
import type { ScheduleRow, TickRow } from "../store/schedules.ts";
import type { Store } from "../store/store.ts";
import { dueInstants } from "./due.ts";
import { nextInstant } from "./next-instant.ts";
import type { Schedule } from "./read-schedule.ts";
import { RunEnds } from "./run-ends.ts";
import type { ScheduleShelf, ShelfNews } from "./shelf.ts";
import { startWork, type WorkDoor } from "./start-work.ts";

/** What the clock is made from. */
export interface TimersParts extends WorkDoor {
  readonly store: Store;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly shelf: ScheduleShelf;
}

/** Nothing tells Node that the wall clock was set or that the box slept: it looks at least so often. */
const longestSleepMs = 30_000;
/** A wall clock that ran away from the monotonic one by more was set. */
const stepMs = 1000;
/** cron(8): a clock that was set back by as much was wrong before, and what it counted does not hold. */
const correctionMs = 3 * 3_600_000;
/** After a full disk or a full queue. */
const tryAgainMs = 10_000;
const mostQueued = 100;

/** The clock that knocks at the scheduler's door: it sleeps until the next instant of any schedule. */
export class Timers {
  readonly shelf: ScheduleShelf;
  readonly #parts: TimersParts;
  readonly #dueAt = new Map<string, number>();
  readonly #ends: RunEnds;
  #disarm: (() => void) | undefined;
  #drift = 0;
  #turn: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(parts: TimersParts) {
    this.#parts = parts;
    this.shelf = parts.shelf;
    this.#ends = new RunEnds(parts, (name) => {
      this.#plan(name);
      this.#arm();
    });
  }

  /** Takes up what an earlier daemon left, and makes up for what was missed. */
  start(): void {
    this.#drift = this.#driftNow();
    this.shelf.watch(() => {
      this.#inTurn(() => this.#reload());
    });
    this.#ends.start();
    this.#inTurn(() => this.#reload());
  }

  /** Fires nothing more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#disarm?.();
    this.#ends.stop();
    this.shelf.stop();
    await this.#turn;
  }

  /** When a schedule fires next; undefined when it does not. */
  nextAt(schedule: Schedule): number | undefined {
    return this.#dueAt.get(schedule.name);
  }

  /** Fires now, by the rules for overlaps; answers the run. */
  async fire(schedule: Schedule): Promise<Result<TickRow, Failure>> {
    const instant = this.#parts.clock.now();
    await this.#fire(schedule, instant, "person");
    const [tick] = this.#parts.store.schedules.ticks(schedule.name, 1);
    if (tick?.instant === instant) return ok(tick);
    return err(
      failure("queue-full", "it could not be queued now", "try again", { retryable: true }),
    );
  }

  /** A person's word over the file's; enabling ends a pause. */
  async setEnabled(schedule: Schedule, enabled: boolean): Promise<Result<void, Failure>> {
    const { store, events, clock } = this.#parts;
    const { name } = schedule;
    const written = await store.write(() => {
      const { pausedAt: _paused, retryAt: _retry, ...row } = this.row(name);
      const handledAt = Math.max(row.handledAt, clock.now());
      store.schedules.put({ ...row, enabled, handledAt, failures: 0, retries: 0 });
      events.append(enabled ? "schedule.enabled" : "schedule.disabled", {
        facts: { schedule: name },
      });
      return ok(undefined);
    });
    this.#plan(name);
    this.#arm();
    return written;
  }

  /** What is known of a schedule; one that was never seen before begins now. */
  row(name: string): ScheduleRow {
    const { store, clock } = this.#parts;
    const known = store.schedules.get(name);
    return known ?? { name, handledAt: clock.now(), failures: 0, retries: 0 };
  }

  #driftNow(): number {
    return this.#parts.clock.now() - this.#parts.clock.monotonic();
  }

  /** One thing at a time: a reload never meets a firing halfway. */
  #inTurn(work: () => Promise<void>): void {
    this.#turn = this.#turn.then(() => (this.#isStopped ? undefined : work()));
  }

  async #reload(): Promise<void> {
    const { store, events } = this.#parts;
    const news = this.shelf.reload();
    if (news.length > 0) {
      await store.write(() => {
        for (const each of news) {
          if (each.kind === "loaded" && store.schedules.get(each.name) === undefined) {
            store.schedules.put(this.row(each.name));
          }
          events.append(`schedule.${each.kind}`, { facts: factsOf(each) });
        }
        return ok(undefined);
      });
    }
    this.#planAll();
    await this.#wake();
  }

  #planAll(): void {
    this.#dueAt.clear();
    for (const { name } of this.shelf.schedules) this.#plan(name);
  }

  /** Finds out when it is due next. */
  #plan(name: string): void {
    this.#dueAt.delete(name);
    const schedule = this.shelf.get(name);
    if (schedule === undefined) return;
    const row = this.row(name);
    if (!(row.enabled ?? schedule.enabled) || row.pausedAt !== undefined) return;
    const { trigger } = schedule.timing;
    const next = nextInstant(trigger, schedule.zone, this.#handledAt(row));
    const dueAt = Math.min(
      next === undefined ? Infinity : next + delayOf(schedule),
      row.retryAt ?? Infinity,
    );
    if (dueAt < Infinity) this.#dueAt.set(name, dueAt);
  }

  #handledAt({ handledAt }: ScheduleRow): number {
    const now = this.#parts.clock.now();
    return handledAt > now + correctionMs ? now : handledAt;
  }

  #arm(): void {
    this.#disarm?.();
    if (this.#isStopped || this.#dueAt.size === 0) return;
    let first = Infinity;
    for (const at of this.#dueAt.values()) if (at < first) first = at;
    const ms = Math.min(longestSleepMs, Math.max(0, first - this.#parts.clock.now()));
    this.#disarm = this.#parts.clock.after(ms, () => {
      this.#inTurn(() => this.#wake());
    });
  }

  async #wake(): Promise<void> {
    const drift = this.#driftNow();
    if (Math.abs(drift - this.#drift) > stepMs) this.#planAll();
    this.#drift = drift;
    const now = this.#parts.clock.now();
    const due = [...this.#dueAt].filter(([, at]) => at <= now).map(([name]) => name);
    // All at once, so that many share a commit.
    await Promise.all(due.map((name) => this.#knock(name, now)));
    this.#arm();
  }

  /** Deals with everything of one schedule that has come by now. */
  async #knock(name: string, now: number): Promise<void> {
    const schedule = this.shelf.get(name);
    if (schedule === undefined) return;
    const row = this.row(name);
    const retryAt = row.retryAt ?? Infinity;
    const { timing, zone } = schedule;
    const rule = { trigger: timing.trigger, catchUp: timing.catchUp, zone };
    const local = now - delayOf(schedule);
    const { onTime, caughtUp, missed } = dueInstants(rule, this.#handledAt(row), local);
    let isDone = await this.#miss(schedule, missed);
    const causes = [
      ...caughtUp.map((instant) => [instant, "catch-up"] as const),
      ...onTime.map((instant) => [instant, "clock"] as const),
      ...(retryAt <= now ? [[retryAt, "retry"] as const] : []),
    ];
    for (const [instant, cause] of causes) {
      if (this.#isStopped) return;
      isDone = isDone && (await this.#fire(schedule, instant, cause));
    }
    if (isDone) this.#plan(name);
    else this.#dueAt.set(name, now + tryAgainMs);
  }

  /** Puts instants that nobody makes up for on record. False when the disk did not take them. */
  async #miss({ name }: Schedule, missed: readonly number[]): Promise<boolean> {
    const [first] = missed;
    const last = missed.at(-1);
    if (first === undefined || last === undefined) return true;
    const { store, events } = this.#parts;
    const written = await store.write(() => {
      for (const instant of missed)
        this.#note(name, instant, "clock", "missed", "nobody was there");
      const facts = { schedule: name, from: first, until: last };
      events.append("schedule.missed", { facts });
      return ok(undefined);
    });
    return written.ok;
  }

  /** Fires once; whatever comes of it is on record. False when it is to be tried again. */
  async #fire(schedule: Schedule, instant: number, cause: TickCause): Promise<boolean> {
    const { scheduler, store } = this.#parts;
    const { name, timing } = schedule;
    const open = store.schedules.openTicks(name).flatMap(({ runId = [] }) => runId);
    const last = open.at(-1);
    if (last !== undefined && (timing.overlap === "skip" || open.length >= mostQueued)) {
      return this.#without(schedule, instant, cause, "skipped", `${last} has not ended`);
    }
    if (open.length > 0 && timing.overlap === "replace") {
      await scheduler.cancel(open, { reason: `${name} fired again`, now: false });
    }
    const alongside = (runId: RunId): Failure | undefined => {
      if (this.#note(name, instant, cause, "fired", undefined, runId)) return undefined;
      return failure("wrong-state", "this instant has been dealt with", "nothing is to be done");
    };
    const after = last === undefined ? [] : [last];
    const started = await startWork(this.#parts, schedule, { instant, after, alongside });
    if (started.ok) {
      this.#ends.expect(schedule, {
        instant: instant + delayOf(schedule),
        runId: started.value.id,
      });
      return true;
    }
    if (started.error.retryable) return false;
    if (store.schedules.has(name, instant)) return true;
    const why = started.error.message;
    return this.#without(schedule, instant, cause, "refused", why);
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
    const { retryAt, ...row } = this.row(name);
    const handledAt = cause === "retry" ? row.handledAt : Math.max(this.#handledAt(row), instant);
    const retries = cause === "retry" ? row.retries + 1 : cause === "person" ? row.retries : 0;
    const keeps = cause === "person" && retryAt !== undefined ? { retryAt } : {};
    store.schedules.put({ ...row, handledAt, retries, ...keeps });
    if (isNew && runId !== undefined) {
      events.append("schedule.fired", { runId, facts: { schedule: name, instant, cause } });
    }
    return isNew;
  }
}

/** The share of the jitter that a schedule waits, always the same: many that say `@hourly` are spread. */
export function delayOf({ name, timing }: Schedule): number {
  if (timing.jitterMs === 0) return 0;
  return Math.floor((parseInt(digestOf(name).slice(0, 12), 16) / 16 ** 12) * timing.jitterMs);
}

function factsOf(news: ShelfNews): Record<string, string> {
  if (news.kind !== "broken") return { schedule: news.name };
  const [problem] = news.problems;
  const { field = "", message = "" } = problem ?? {};
  const because = field === "" ? message : `${field}: ${message}`;
  return { schedule: news.name, file: news.file, because };
}
