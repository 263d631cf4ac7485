import type { Clock } from "../base/clock.ts";
import { failure, type Failure } from "../domain/failure.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { ClockHolder } from "../domain/schedule.ts";
import type { EventLog } from "../events/event-log.ts";
import type { ScheduleRow, TickRow } from "../store/schedules.ts";
import type { Store } from "../store/store.ts";
import { delayOf } from "./delay.ts";
import { DueTimes } from "./due-times.ts";
import { recordNews } from "./files/record-news.ts";
import { Firings } from "./firings.ts";
import { nextInstant } from "./next-instant.ts";
import { Handover, type OtherClock } from "./other-clock/handover.ts";
import type { Schedule } from "./read-schedule.ts";
import { RunEnds } from "./run-ends.ts";
import type { ScheduleShelf, ShelfNews } from "./shelf.ts";
import { dueAt, holderOf, stateOf, type ScheduleState } from "./standing.ts";
import type { WorkDoor } from "./start-work.ts";

/** What the clock is made from. */
export interface TimersParts extends WorkDoor {
  readonly store: Store;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly shelf: ScheduleShelf;
  /** Who else can hold a clock; absent: nobody. */
  readonly otherClock?: OtherClock;
}

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
  readonly #handover: Handover;
  readonly #loaded = Promise.withResolvers<undefined>();
  #disarm: (() => void) | undefined;
  #drift = 0;
  #turn: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(parts: TimersParts) {
    this.#parts = parts;
    this.shelf = parts.shelf;
    const changed = (name: string): void => {
      this.#plan(name);
      this.#arm();
    };
    this.#ends = new RunEnds(parts, changed);
    this.#firings = new Firings(parts, this.#ends);
    this.#handover = new Handover(parts, (work) => this.#inTurn(work), changed);
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
    this.#firings.stop();
    this.#handover.stop();
    this.#ends.stop();
    this.shelf.stop();
    await this.#turn;
    this.#loaded.resolve(undefined);
  }

  /** Reads what has changed in the files. */
  reload(): Promise<void> {
    return this.#inTurn(() => this.#reload());
  }

  /** The other clock is back after it was away: it may have forgotten. */
  handOverAgain(): void {
    this.#handover.askAgain();
  }

  /** When a schedule fires next; undefined when it does not. */
  nextAt(schedule: Schedule): number | undefined {
    const { name } = schedule;
    if (!this.#handover.isHeld(name)) return this.#due.get(name);
    // systemd adds a jitter of its own.
    const now = this.#parts.clock.now();
    const at = nextInstant(schedule.timing.trigger, schedule.zone, now) ?? Infinity;
    return Math.min(at, this.#due.get(name) ?? Infinity);
  }

  /** Who is to hold its clock, and why it is blutd all the same. */
  holder(schedule: Schedule): { readonly via: ClockHolder; readonly problem?: string } {
    const via = holderOf(schedule, this.row(schedule.name));
    const problem = this.#handover.problem(schedule.name);
    return problem === undefined ? { via } : { via, problem };
  }

  /** Which schedule fires next, and how many there are of each state. */
  outlook(): {
    readonly next?: { readonly name: string; readonly at: number };
    readonly counts: Readonly<Record<ScheduleState | "broken", number>>;
  } {
    const counts = { on: 0, off: 0, paused: 0, broken: this.shelf.broken.length };
    for (const state of this.#states.values()) counts[state]++;
    let next = this.#due.first();
    for (const name of this.#handover.held) {
      const schedule = this.shelf.get(name);
      const at = schedule && this.nextAt(schedule);
      if (at !== undefined && at < (next?.at ?? Infinity)) next = { name, at };
    }
    return next === undefined ? { counts } : { next, counts };
  }

  /** Fires now, by the rules for overlaps; answers the instant. */
  async fire(schedule: Schedule): Promise<Result<TickRow, Failure>> {
    const { clock, store } = this.#parts;
    const instant = clock.now();
    await this.#firings.fire(schedule, instant, "person");
    this.#arm();
    const tick = store.schedules.tick(schedule.name, instant);
    if (tick !== undefined) return ok(tick);
    return err(notNow());
  }

  /** Deals with what has come, whoever looked at the clock; answers the instants that came of it. */
  async knock(schedule: Schedule): Promise<Result<readonly TickRow[], Failure>> {
    const { name } = schedule;
    let dealt: { readonly isDone: boolean; readonly ticks: readonly TickRow[] } | undefined;
    await this.#inTurn(async () => {
      dealt = { isDone: true, ticks: [] };
      if (stateOf(schedule, this.row(name)) !== "on") return;
      // Somebody else's clock puts an instant off as it likes, by less than its jitter.
      const putOff = { leastMs: 0, mostMs: schedule.timing.jitterMs };
      dealt = await this.#firings.deal(schedule, this.#parts.clock.now(), putOff);
      this.#plan(name);
      this.#arm();
    });
    return dealt?.isDone === true ? ok(dealt.ticks) : err(notNow());
  }

  /** A person's word over the file's, also on who holds the clock; enabling ends a pause. */
  async setEnabled(
    schedule: Schedule,
    enabled: boolean,
    holder?: ClockHolder,
  ): Promise<Result<void, Failure>> {
    const { store, events, clock } = this.#parts;
    const { name } = schedule;
    const written = await store.write(() => {
      const row = this.#firings.row(name);
      const isOn = enabled && stateOf(schedule, row) === "on";
      const since = isOn ? row.handledAt : clock.now() - delayOf(schedule);
      const handledAt = Math.max(row.handledAt, since);
      const via = holder ?? row.via;
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
    await this.#handover.tidy();
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
      this.#handover.aim(name, undefined);
      this.#states.delete(name);
      this.#due.set(name, undefined);
      return;
    }
    const row = this.#firings.row(name);
    const state = stateOf(schedule, row);
    this.#states.set(name, state);
    const isForOther = state === "on" && holderOf(schedule, row) === "systemd";
    this.#handover.aim(name, isForOther ? schedule : undefined);
    const at = this.#handover.isHeld(name) ? row.retryAt : dueAt(schedule, row);
    this.#due.set(name, state === "on" ? at : undefined);
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
    const at = Math.min(this.#due.first()?.at ?? Infinity, this.#ends.firstDeadline ?? Infinity);
    if (this.#isStopped || at === Infinity) return;
    const ms = Math.min(longestSleepMs, Math.max(0, at - this.#parts.clock.now()));
    this.#disarm = this.#parts.clock.after(ms, () => void this.#inTurn(() => this.#wake()));
  }

  async #wake(): Promise<void> {
    const drift = this.#driftNow();
    if (Math.abs(drift - this.#drift) > stepMs) await this.#forgetFuture();
    this.#drift = drift;
    // First: an earlier run that is given up is in nobody's way any more.
    await this.#ends.cancelLate();
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
    const now = this.#parts.clock.now();
    const delayMs = delayOf(schedule);
    const putOff = { leastMs: delayMs, mostMs: delayMs };
    const { isDone } = await this.#firings.deal(schedule, now, putOff);
    if (isDone) this.#plan(name);
    else this.#due.set(name, now + tryAgainMs);
  }
}

function notNow(): Failure {
  return failure("queue-full", "it could not be queued now", "try again", { retryable: true });
}
