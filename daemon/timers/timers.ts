import type { Clock } from "../base/clock.ts";
import { failure, type Failure } from "../domain/failure.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { EventLog } from "../events/event-log.ts";
import type { ScheduleRow, TickRow } from "../store/schedules.ts";
import type { Store } from "../store/store.ts";
import { delayOf } from "./delay.ts";
import { dueInstants } from "./due.ts";
import { DueTimes } from "./due-times.ts";
import { recordNews } from "./files/record-news.ts";
import { Firings } from "./firings.ts";
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

/** Whether a schedule fires: its file or a person may say no, and so may failures in a row. */
export type ScheduleState = "on" | "off" | "paused";

/** Nothing tells Node that the wall clock was set or that the box slept: it looks at least so often. */
const longestSleepMs = 30_000;
/** A wall clock that ran away from the monotonic one by more was set. */
const stepMs = 1000;
/** cron(8): a clock that was set back by as much was wrong before, and what it counted does not hold. */
const correctionMs = 3 * 3_600_000;
/** After a full disk or a full queue. */
const tryAgainMs = 10_000;
/** Schedules that fire together share a commit; more would hold the event loop too long. */
const together = 500;

/** The clock that knocks at the scheduler's door: it sleeps until the next instant of any schedule. */
export class Timers {
  readonly shelf: ScheduleShelf;
  readonly #parts: TimersParts;
  readonly #due = new DueTimes();
  readonly #states = new Map<string, ScheduleState>();
  readonly #ends: RunEnds;
  readonly #firings: Firings;
  readonly #loaded = Promise.withResolvers<undefined>();
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

  /** Resolves once every file has been read for the first time. */
  get loaded(): Promise<unknown> {
    return this.#loaded.promise;
  }

  /** Takes up what an earlier daemon left, and makes up for what was missed. */
  start(): void {
    this.#drift = this.#driftNow();
    this.shelf.watch(() => void this.reload());
    void this.#inTurn(() => this.#begin());
  }

  /** Fires nothing more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#disarm?.();
    this.#ends.stop();
    this.shelf.stop();
    await this.#turn;
    this.#loaded.resolve(undefined);
  }

  /** Reads what has changed in the files. */
  reload(): Promise<void> {
    return this.#inTurn(() => this.#reload());
  }

  /** When a schedule fires next; undefined when it does not. */
  nextAt(schedule: Schedule): number | undefined {
    return this.#due.get(schedule.name);
  }

  /** Which schedule fires next, and how many there are of each state. */
  outlook(): {
    readonly next?: { readonly name: string; readonly at: number };
    readonly counts: Readonly<Record<ScheduleState | "broken", number>>;
  } {
    const counts = { on: 0, off: 0, paused: 0, broken: this.shelf.broken.length };
    for (const state of this.#states.values()) counts[state]++;
    const next = this.#due.first();
    return next === undefined ? { counts } : { next, counts };
  }

  /** Fires now, by the rules for overlaps; answers the instant. */
  async fire(schedule: Schedule): Promise<Result<TickRow, Failure>> {
    const { clock, store } = this.#parts;
    const instant = clock.now();
    await this.#firings.fire(schedule, instant, "person");
    const tick = store.schedules.tick(schedule.name, instant);
    if (tick !== undefined) return ok(tick);
    return err(
      failure("queue-full", "it could not be queued now", "try again", { retryable: true }),
    );
  }

  /** A person's word over the file's; enabling ends a pause. */
  async setEnabled(schedule: Schedule, enabled: boolean): Promise<Result<void, Failure>> {
    const { store, events, clock } = this.#parts;
    const { name } = schedule;
    const written = await store.write(() => {
      const row = this.#firings.row(name);
      const handledAt = Math.max(row.handledAt, clock.now() - delayOf(schedule));
      const { via } = row;
      const kept = via === undefined ? {} : { via };
      store.schedules.put({ name, enabled, handledAt, failures: 0, retries: 0, ...kept });
      const facts = { schedule: name };
      events.append(enabled ? "schedule.enabled" : "schedule.disabled", { facts });
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
  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(() => (this.#isStopped ? undefined : work()));
    return this.#turn;
  }

  async #begin(): Promise<void> {
    const { store, shelf } = this.#parts;
    const news: ShelfNews[] = [...(await shelf.reload())];
    const present = new Set([...shelf.schedules, ...shelf.broken].map(({ name }) => name));
    let names = store.scheduleFiles.namesAfter("");
    for (; names.length > 0; names = store.scheduleFiles.namesAfter(names.at(-1) ?? "")) {
      const gone = names.filter((name) => !present.has(name));
      news.push(...gone.map((name) => ({ kind: "removed" as const, name })));
    }
    await recordNews(this.#parts, news, true);
    // Its rules are known now: what ended while nobody listened counts before anything fires.
    await this.#ends.start();
    await this.#forgetFuture();
    for (const { name } of shelf.schedules) this.#plan(name);
    this.#loaded.resolve(undefined);
    await this.#wake();
  }

  async #reload(): Promise<void> {
    // What has come by now was due by the old rules.
    await this.#wake();
    const news = await this.shelf.reload();
    await recordNews(this.#parts, news, false);
    for (const { name } of news) this.#plan(name);
    await this.#wake();
  }

  /** Finds out when it is due next. */
  #plan(name: string): void {
    const schedule = this.shelf.get(name);
    if (schedule === undefined) {
      this.#states.delete(name);
      this.#due.set(name, undefined);
      return;
    }
    const row = this.#firings.row(name);
    const state = stateOf(schedule, row);
    this.#states.set(name, state);
    this.#due.set(name, state === "on" ? dueAt(schedule, row) : undefined);
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
    for (const { name } of ahead) this.#plan(name);
  }

  #arm(): void {
    this.#disarm?.();
    const first = this.#due.first();
    if (this.#isStopped || first === undefined) return;
    const ms = Math.min(longestSleepMs, Math.max(0, first.at - this.#parts.clock.now()));
    this.#disarm = this.#parts.clock.after(ms, () => void this.#inTurn(() => this.#wake()));
  }

  async #wake(): Promise<void> {
    const drift = this.#driftNow();
    if (Math.abs(drift - this.#drift) > stepMs) await this.#forgetFuture();
    this.#drift = drift;
    while (!this.#isStopped) {
      const names = this.#due.take(this.#parts.clock.now(), together);
      if (names.length === 0) break;
      await Promise.all(names.map((name) => this.#knock(name)));
    }
    this.#arm();
  }

  /** Deals with everything of one schedule that has come by now. */
  async #knock(name: string): Promise<void> {
    const schedule = this.shelf.get(name);
    if (schedule === undefined) return;
    const row = this.#firings.row(name);
    const now = this.#parts.clock.now();
    const retryAt = row.retryAt ?? Infinity;
    const { timing, zone } = schedule;
    const rule = { trigger: timing.trigger, catchUp: timing.catchUp, zone };
    const local = now - delayOf(schedule);
    const { onTime, caughtUp, missed } = dueInstants(rule, row.handledAt, local);
    let isDone = missed === undefined || (await this.#firings.miss(schedule, missed));
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
    else this.#due.set(name, now + tryAgainMs);
  }
}

/** Whether it fires, by what is known of it. */
export function stateOf(schedule: Schedule, row: ScheduleRow): ScheduleState {
  if (!(row.enabled ?? schedule.enabled)) return "off";
  return row.pausedAt === undefined ? "on" : "paused";
}

function dueAt(schedule: Schedule, row: ScheduleRow): number | undefined {
  const { timing, zone } = schedule;
  const next = nextInstant(timing.trigger, zone, row.handledAt);
  const at = Math.min((next ?? Infinity) + delayOf(schedule), row.retryAt ?? Infinity);
  return at < Infinity ? at : undefined;
}
