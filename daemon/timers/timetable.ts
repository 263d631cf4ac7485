import { setImmediate } from "node:timers/promises";
import type { Clock } from "../base/clock.ts";
import type { ClockHolder } from "../domain/schedule.ts";
import { ok } from "../domain/result.ts";
import type { ScheduleRow } from "../store/schedules.ts";
import type { Store } from "../store/store.ts";
import { delayOf } from "./delay.ts";
import { missedAfterMs } from "./due.ts";
import { DueTimes } from "./due-times.ts";
import type { ScheduleShelf } from "./files/shelf.ts";
import { nextInstant } from "./next-instant.ts";
import type { Handover } from "./other-clock/handover.ts";
import type { Schedule } from "./read-schedule.ts";
import { dueAt, holderOf, stateOf, type ScheduleState } from "./standing.ts";

/** What a timetable is made out of. */
export interface TimetableParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly shelf: ScheduleShelf;
  readonly handover: Handover;
  /** What is known of a schedule. */
  readonly row: (name: string) => ScheduleRow;
}

/** cron(8): a clock that was set back by as much was wrong before, and what it counted does not hold. */
const correctionMs = 3 * 3_600_000;
/** When systemd, which holds a clock, has not called for so long, we look ourselves: its timer may have been stopped. */
const unheardMs = missedAfterMs / 2;
/** Schedules that are looked at in one turn of the event loop; a change takes as many. */
const together = 100;

/** Which schedules fire, when each is due, and who holds its clock. */
export class Timetable {
  /** When each is due by our own clock. */
  readonly due = new DueTimes();
  readonly #parts: TimetableParts;
  readonly #states = new Map<string, ScheduleState>();

  constructor(parts: TimetableParts) {
    this.#parts = parts;
  }

  /** Finds out when a schedule is due next. */
  plan(name: string): void {
    const { shelf, handover } = this.#parts;
    const schedule = shelf.get(name);
    if (schedule === undefined) {
      handover.aim(name, undefined);
      this.#states.delete(name);
      this.due.set(name, undefined);
      return;
    }
    const row = this.#parts.row(name);
    const state = stateOf(schedule, row);
    this.#states.set(name, state);
    const isForOther = state === "on" && holderOf(schedule, row) === "systemd";
    handover.aim(name, isForOther ? schedule : undefined);
    const graceMs = handover.isHeld(name) ? unheardMs : 0;
    const at = dueAt(schedule, row, this.delayOf(schedule) + graceMs);
    this.due.set(name, state === "on" ? at : undefined);
  }

  /** By how much an instant is put off before our own clock looks at it: systemd picks its own share of a jitter. */
  delayOf(schedule: Schedule): number {
    const isHeld = this.#parts.handover.isHeld(schedule.name);
    return isHeld ? schedule.timing.jitterMs : delayOf(schedule);
  }

  /** Plans many: thousands take many turns of the event loop. */
  async planAll(names: readonly string[], signal: AbortSignal): Promise<void> {
    for (const part of parts(names)) {
      if (signal.aborted) return;
      for (const name of part) this.plan(name);
      await setImmediate();
    }
  }

  /** What a clock that was far ahead has counted does not hold: from now on is from now on. */
  async forgetFuture(signal: AbortSignal): Promise<void> {
    const { store, clock, shelf, row } = this.#parts;
    const now = clock.now();
    const isAhead = (name: string): boolean => row(name).handledAt > now + correctionMs;
    for (const part of parts(shelf.schedules.map(({ name }) => name))) {
      if (signal.aborted) return;
      const ahead = part.filter(isAhead);
      await setImmediate();
      if (ahead.length === 0) continue;
      await store.write(() => {
        for (const name of ahead) store.schedules.put({ ...row(name), handledAt: now });
        return ok(undefined);
      });
      for (const name of ahead) this.plan(name);
    }
  }

  /** When a schedule fires next; undefined when it does not. */
  nextAt(schedule: Schedule): number | undefined {
    const { clock, handover } = this.#parts;
    const due = this.due.get(schedule.name);
    if (!handover.isHeld(schedule.name)) return due;
    // systemd adds a jitter of its own.
    const at = nextInstant(schedule.timing.trigger, schedule.zone, clock.now()) ?? Infinity;
    return Math.min(at, due ?? Infinity);
  }

  /** Which schedule fires next, whoever holds its clock. */
  next(): { readonly name: string; readonly at: number } | undefined {
    const { shelf, handover } = this.#parts;
    let next = this.due.first();
    for (const name of handover.held) {
      const schedule = shelf.get(name);
      const at = schedule && this.nextAt(schedule);
      if (at !== undefined && at < (next?.at ?? Infinity)) next = { name, at };
    }
    return next;
  }

  /** Whether one fires; undefined when there is none of this name, or none any more. */
  stateOf(name: string): ScheduleState | undefined {
    return this.#states.get(name);
  }

  /** How many there are of each state. */
  counts(): Readonly<Record<ScheduleState | "broken", number>> {
    const counts = { on: 0, off: 0, paused: 0, broken: this.#parts.shelf.broken.length };
    for (const state of this.#states.values()) counts[state]++;
    return counts;
  }

  /** Who is to hold its clock, and why it is blutd all the same. */
  holder(schedule: Schedule): { readonly via: ClockHolder; readonly problem?: string } {
    const { handover, row } = this.#parts;
    const via = holderOf(schedule, row(schedule.name));
    const problem = handover.problem(schedule.name);
    return problem === undefined ? { via } : { via, problem };
  }
}

function* parts(names: readonly string[]): Generator<readonly string[]> {
  for (let from = 0; from < names.length; from += together)
    yield names.slice(from, from + together);
}
