import type { Clock } from "../base/clock.ts";
import { minuteMs, minuteOf, withLook, type BoxMinute } from "../domain/box-minute.ts";
import type { EventKind } from "../domain/event.ts";
import type { HostSample } from "../domain/host.ts";
import type { AttemptId } from "../domain/ids.ts";
import { isWorthKeeping, type MemoryCurve } from "../domain/memory-curve.ts";
import type { WaitReason } from "../domain/reservation.ts";
import { ok } from "../domain/result.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Store } from "../store/store.ts";

/** A live attempt with what it needed at its last sample and over its time. */
interface Track {
  readonly attemptId: AttemptId;
  readonly memory: { readonly needBytes: number; readonly curve: MemoryCurve };
}

/** What is recorded, and where it comes from; sizes in bytes. */
export interface RecorderParts {
  readonly store: Store;
  readonly events: EventLog;
  readonly clock: Clock;
  /** In force; a reload changes it in place. */
  readonly memory: { readonly budgetBytes: number; readonly reserveBytes: number };
  /** The box now; undefined when it cannot be read. */
  readonly sample: () => HostSample | undefined;
  readonly reserved: () => { readonly attempts: number; readonly memoryBytes: number };
  readonly tracks: () => readonly Track[];
  /** Why the first in line has not started; undefined when nothing waits. */
  readonly headWait: () => WaitReason | undefined;
}

/** Between two looks. An attempt is sampled at least as often, so its last sample will do. */
const lookMs = 5_000;
/** What may end a time in which there is nothing to record. */
const beginnings: ReadonlySet<EventKind> = new Set(["run.queued", "attempt.starting"]);

/**
 * Keeps the history of the box, a row for each minute in which something runs or waits, and what live
 * attempts need over their time: both go to the disk once a minute, so that a daemon that is killed loses no
 * more. With nothing to record it sleeps until something begins. Retention forgets the minutes.
 */
export class BoxRecorder {
  readonly #parts: RecorderParts;
  readonly #written = new Map<AttemptId, MemoryCurve>();
  #minute: BoxMinute | undefined;
  #lookedMs: number | undefined;
  /** Nothing is there to be looked at, but a minute that is not written yet. */
  #isResting = true;
  #callOff: (() => void) | undefined;
  #stopListening: (() => void) | undefined;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  /** Looks now and goes on for as long as there is something to record. */
  start(): void {
    this.#stopListening = this.#parts.events.onAppend(({ kind }) => {
      if (this.#isResting && beginnings.has(kind)) this.#begin();
    });
    this.#begin();
  }

  /** Keeps what was recorded of the minute so far. */
  async stop(): Promise<void> {
    this.#stopListening?.();
    this.#callOff?.();
    await this.#flush();
  }

  #begin(): void {
    this.#isResting = false;
    this.#lookedMs = this.#parts.clock.monotonic();
    this.#arm(lookMs);
  }

  #arm(ms: number): void {
    this.#callOff?.();
    this.#callOff = this.#parts.clock.after(ms, () => {
      this.#look();
    });
  }

  #look(): void {
    const { clock, reserved, store } = this.#parts;
    const { attempts, memoryBytes: limitBytes } = reserved();
    const waiting = store.ready.count();
    const restMs = minuteOf(clock.now()) + minuteMs - clock.now();
    if (this.#minute !== undefined && this.#minute.at !== minuteOf(clock.now())) void this.#flush();
    this.#isResting = attempts === 0 && waiting === 0;
    if (!this.#isResting) this.#fold({ attempts, limitBytes, waiting });
    if (!this.#isResting) this.#arm(lookMs);
    else if (this.#minute !== undefined) this.#arm(restMs);
  }

  #fold({ attempts, limitBytes, waiting }: Record<"attempts" | "limitBytes" | "waiting", number>) {
    const { clock, sample, tracks, memory: policy } = this.#parts;
    const host = sample();
    if (host === undefined) return;
    const headWait = waiting === 0 ? undefined : this.#parts.headWait();
    const nowMs = clock.monotonic();
    // A daemon that stood still does not know what went on meanwhile.
    const sinceMs = Math.min(2 * lookMs, nowMs - (this.#lookedMs ?? nowMs));
    this.#lookedMs = nowMs;
    const { pressureFullAvg10: pressureFull, pressureSomeAvg10: pressureSome } = host;
    this.#minute = withLook(this.#minute, {
      at: clock.now(),
      sinceMs,
      availableBytes: host.memAvailableBytes,
      ...(pressureFull !== undefined && { pressureFull }),
      ...(pressureSome !== undefined && { pressureSome }),
      limitBytes,
      needBytes: tracks().reduce((sum, { memory }) => sum + memory.needBytes, 0),
      running: attempts,
      waiting,
      ...(headWait !== undefined && { headWait }),
      ...{ budgetBytes: policy.budgetBytes, floorBytes: policy.reserveBytes },
    });
  }

  /** A disk that takes nothing costs the minute: nothing of this is worth holding up anything for. */
  async #flush(): Promise<void> {
    const minute = this.#minute;
    this.#minute = undefined;
    if (minute === undefined) return;
    const { store } = this.#parts;
    const news = this.#news();
    await store.write(() => {
      store.boxMinutes.add(minute);
      for (const { attemptId, memory } of news) {
        // It may have ended, and its run been forgotten, since the look.
        if (store.attempts.get(attemptId) !== undefined) {
          store.memoryCurves.add(attemptId, memory.curve);
        }
      }
      return ok(undefined);
    });
  }

  /** The curves that have changed since they were written. */
  #news(): readonly Track[] {
    const live = this.#parts.tracks();
    const news = live.filter(
      ({ attemptId, memory: { curve } }) =>
        this.#written.get(attemptId) !== curve && isWorthKeeping(curve),
    );
    this.#written.clear();
    for (const { attemptId, memory } of live) this.#written.set(attemptId, memory.curve);
    return news;
  }
}
