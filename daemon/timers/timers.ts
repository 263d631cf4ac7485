import type { Clock } from "../base/clock.ts";
import { failure, type Failure } from "../domain/failure.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { EventLog } from "../events/event-log.ts";
import type { ScheduleRow, TickRow } from "../store/schedules.ts";
import type { Store } from "../store/store.ts";
import { dueInstants } from "./due.ts";
import { delayOf, Firings } from "./firings.ts";
import { nextInstant } from "./next-instant.ts";
import type { Schedule } from "./read-schedule.ts";
import { RunEnds } from "./run-ends.ts";
import type { ScheduleShelf, ShelfNews } from "./shelf.ts";
import type { WorkDoor } from "./start-work.ts";

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

/** The clock that knocks at the scheduler's door: it sleeps until the next instant of any schedule. */
export class Timers {
  readonly shelf: ScheduleShelf;
  readonly #parts: TimersParts;
  readonly #dueAt = new Map<string, number>();
  readonly #ends: RunEnds;
  readonly #firings: Firings;
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
    this.#firings = new Firings(parts, this.#ends);
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
    await this.#firings.fire(schedule, instant, "person");
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
      const handledAt = Math.max(this.#firings.row(name).handledAt, clock.now());
      store.schedules.put({ name, enabled, handledAt, failures: 0, retries: 0 });
      events.append(enabled ? "schedule.enabled" : "schedule.disabled", {
        facts: { schedule: name },
      });
      return ok(undefined);
    });
    this.#plan(name);
    this.#arm();
    return written;
  }

  /** What is known of a schedule. */
  row(name: string): ScheduleRow {
    return this.#firings.row(name);
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
            store.schedules.put(this.#firings.row(each.name));
          }
          events.append(`schedule.${each.kind}`, { facts: factsOf(each) });
        }
        return ok(undefined);
      });
    }
    await this.#forgetFuture();
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
    const row = this.#firings.row(name);
    if (!(row.enabled ?? schedule.enabled) || row.pausedAt !== undefined) return;
    const { trigger } = schedule.timing;
    const next = nextInstant(trigger, schedule.zone, row.handledAt);
    const dueAt = Math.min(
      next === undefined ? Infinity : next + delayOf(schedule),
      row.retryAt ?? Infinity,
    );
    if (dueAt < Infinity) this.#dueAt.set(name, dueAt);
  }

  /** What a clock that was far ahead has counted does not hold: from now on is from now on. */
  async #forgetFuture(): Promise<void> {
    const { store, clock } = this.#parts;
    const now = clock.now();
    const ahead = this.shelf.schedules
      .map(({ name }) => this.#firings.row(name))
      .filter(({ handledAt }) => handledAt > now + correctionMs);
    if (ahead.length === 0) return;
    await store.write(() => {
      for (const row of ahead) store.schedules.put({ ...row, handledAt: now });
      return ok(undefined);
    });
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
    if (Math.abs(drift - this.#drift) > stepMs) {
      await this.#forgetFuture();
      this.#planAll();
    }
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
    const row = this.#firings.row(name);
    const retryAt = row.retryAt ?? Infinity;
    const { timing, zone } = schedule;
    const rule = { trigger: timing.trigger, catchUp: timing.catchUp, zone };
    const local = now - delayOf(schedule);
    const { onTime, caughtUp, missed } = dueInstants(rule, row.handledAt, local);
    let isDone = await this.#firings.miss(schedule, missed);
    const causes = [
      ...caughtUp.map((instant) => [instant, "catch-up"] as const),
      ...onTime.map((instant) => [instant, "clock"] as const),
      ...(retryAt <= now ? [[retryAt, "retry"] as const] : []),
    ];
    for (const [instant, cause] of causes) {
      if (this.#isStopped) return;
      isDone = isDone && (await this.#firings.fire(schedule, instant, cause));
    }
    if (isDone) this.#plan(name);
    else this.#dueAt.set(name, now + tryAgainMs);
  }
}

function factsOf(news: ShelfNews): Record<string, string> {
  if (news.kind !== "broken") return { schedule: news.name };
  const [problem] = news.problems;
  const { field = "", message = "" } = problem ?? {};
  const because = field === "" ? message : `${field}: ${message}`;
  return { schedule: news.name, file: news.file, because };
}
