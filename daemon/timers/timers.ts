import type { Clock } from "../base/clock.ts";
import { TurnsByName, TurnTaking } from "../base/turn-taking.ts";
import { failure, type Failure } from "../domain/failure.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { ClockHolder } from "../domain/schedule.ts";
import type { EventLog } from "../events/event-log.ts";
import type { ScheduleRow, TickRow } from "../store/schedules.ts";
import type { Store } from "../store/store.ts";
import { delayOf } from "./delay.ts";
import { recordNews } from "./files/record-news.ts";
import { Firings, type Dealt } from "./firings.ts";
import { Handover, type OtherClock } from "./other-clock/handover.ts";
import type { Schedule } from "./read-schedule.ts";
import { RunEnds } from "./run-ends.ts";
import type { ScheduleShelf, ShelfNews } from "./files/shelf.ts";
import { stateOf } from "./standing.ts";
import type { WorkDoor } from "./start-work.ts";
import { Timetable } from "./timetable.ts";

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
/** After a full disk or a full queue. */
const tryAgainMs = 10_000;
/** Schedules that fire together share a commit; more would hold the event loop too long. */
const together = 500;

/** The clock that knocks at the scheduler's door: it sleeps until the next instant of any schedule. */
export class Timers {
  readonly shelf: ScheduleShelf;
  readonly timetable: Timetable;
  readonly #parts: TimersParts;
  readonly #ends: RunEnds;
  readonly #firings: Firings;
  readonly #handover: Handover;
  readonly #loaded = Promise.withResolvers<undefined>();
  #disarm: (() => void) | undefined;
  #drift = 0;
  readonly #turns = new TurnTaking();
  /** Schedules of which something is being dealt with: a recipe that takes long to read keeps no other waiting. */
  readonly #dealings = new TurnsByName();
  readonly #stopped = new AbortController();

  constructor(parts: TimersParts) {
    this.#parts = parts;
    this.shelf = parts.shelf;
    const changed = this.#replan.bind(this);
    this.#ends = new RunEnds(parts, changed);
    this.#firings = new Firings(parts, this.#ends);
    this.#handover = new Handover(parts, (work) => this.#inTurn(work), changed);
    const row = (name: string) => this.row(name);
    this.timetable = new Timetable({ ...parts, handover: this.#handover, row });
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
    this.#stopped.abort();
    this.#disarm?.();
    this.#firings.stop();
    this.#handover.stop();
    this.#ends.stop();
    this.shelf.stop();
    await this.#turns.settled();
    await this.#dealings.settled();
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
    let dealing: Promise<Dealt> | undefined;
    await this.#inTurn(() => {
      dealing = this.#dealings.inTurn(name, async () => {
        if (stateOf(schedule, this.row(name)) !== "on") return { isDone: true, ticks: [] };
        // Somebody else's clock puts an instant off as it likes, by less than its jitter.
        const putOff = { leastMs: 0, mostMs: schedule.timing.jitterMs };
        return this.#firings.deal(schedule, this.#parts.clock.now(), putOff);
      });
      return Promise.resolve();
    });
    const dealt = await dealing;
    this.#replan(name);
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
    const spec = holder === "systemd" ? this.#handover.specOf(schedule) : ok(undefined);
    if (!spec.ok) return err(cannotHold(name, spec.error));
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
    this.#replan(name);
    // By then it is known whether the other clock has it.
    if (holder !== undefined) await this.#inTurn(() => Promise.resolve());
    return written;
  }

  /** What is known of a schedule. */
  row(name: string): ScheduleRow {
    return this.#firings.row(name);
  }

  #driftNow(): number {
    return this.#parts.clock.now() - this.#parts.clock.monotonic();
  }

  /** One thing at a time, and nothing any more once it is stopped. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    return this.#turns.inTurn(async () => {
      if (!this.#stopped.signal.aborted) await work();
    });
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
    const { signal } = this.#stopped;
    await this.timetable.forgetFuture(signal);
    await this.timetable.planAll(namesOf(shelf.schedules), signal);
    this.#loaded.resolve(undefined);
    await this.#wake();
    await this.#handover.tidy();
  }

  async #reload(): Promise<void> {
    // What has come by now was due by the old rules.
    await this.#wakeForAll();
    const news = await this.shelf.reload();
    await recordNews(this.#parts, news, false);
    await this.timetable.planAll(namesOf(news), this.#stopped.signal);
    await this.#wake();
  }

  #replan(name: string): void {
    this.timetable.plan(name);
    this.#arm();
  }

  #arm(): void {
    this.#disarm?.();
    // Where so many are under way, one that is through arms again.
    const dueAt = this.#isBusy ? undefined : this.timetable.due.first()?.at;
    const at = Math.min(dueAt ?? Infinity, this.#ends.firstDeadline ?? Infinity);
    if (this.#stopped.signal.aborted || at === Infinity) return;
    const ms = Math.min(longestSleepMs, Math.max(0, at - this.#parts.clock.now()));
    this.#disarm = this.#parts.clock.after(ms, () => void this.#inTurn(() => this.#wake()));
  }

  async #wake(): Promise<void> {
    const { signal } = this.#stopped;
    const drift = this.#driftNow();
    if (Math.abs(drift - this.#drift) > stepMs) {
      // What was begun by the clock of before must not come after.
      await this.#dealings.settled();
      await this.timetable.forgetFuture(signal);
    }
    this.#drift = drift;
    // First: an earlier run that is given up is in nobody's way any more.
    await this.#ends.cancelLate();
    while (!signal.aborted && !this.#isBusy) {
      const names = this.timetable.due.take(this.#parts.clock.now(), together);
      if (names.length === 0) break;
      for (const name of names) this.#knock(name);
    }
    this.#arm();
  }

  /** Whether what has come has to wait for what is under way. */
  get #isBusy(): boolean {
    return this.#dealings.size >= together;
  }

  /** The same, until everything that has come is under way. */
  async #wakeForAll(): Promise<void> {
    await this.#wake();
    while (this.#isBusy && !this.#stopped.signal.aborted) {
      await this.#dealings.next();
      await this.#wake();
    }
  }

  /** Begins to deal with what has come of one schedule. One that is under way looks again when it is through. */
  #knock(name: string): void {
    const schedule = this.shelf.get(name);
    if (schedule === undefined || this.#dealings.has(name)) return;
    const dealing = this.#dealings.inTurn(name, () => this.#dealWith(schedule));
    void dealing.then(() => {
      this.#arm();
    });
  }

  async #dealWith(schedule: Schedule): Promise<void> {
    const { name } = schedule;
    const now = this.#parts.clock.now();
    const delayMs = this.timetable.delayOf(schedule);
    const putOff = { leastMs: delayMs, mostMs: delayMs };
    const { isDone } = await this.#firings.deal(schedule, now, putOff);
    if (isDone) this.timetable.plan(name);
    else this.timetable.due.set(name, now + tryAgainMs);
  }
}

function notNow(): Failure {
  return failure("queue-full", "it could not be queued now", "try again", { retryable: true });
}

function cannotHold(name: string, why: Failure): Failure {
  return { ...why, message: `systemd cannot hold the clock of ${name}: ${why.message}` };
}

function namesOf(those: readonly { readonly name: string }[]): string[] {
  return those.map(({ name }) => name);
}
