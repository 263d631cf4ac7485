import type { Clock } from "../../base/clock.ts";
import { digestOf } from "../../base/digest.ts";
import { failure, type Failure } from "../../domain/failure.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { EventLog } from "../../events/event-log.ts";
import type { Store } from "../../store/store.ts";
import type { Schedule } from "../read-schedule.ts";
import { timerSpec, type TimerSpec } from "./timer-text.ts";

/** Somebody else who can hold a clock and tell us when it is time: systemd. */
export interface OtherClock {
  /** Takes a schedule over as it is now; what it had of it is replaced where it differs. */
  hold(spec: TimerSpec): Promise<Result<void, Failure>>;
  /** Lets go of a schedule; quiet where it has none. */
  release(name: string): Promise<Result<void, Failure>>;
  /** Every schedule that it holds for this daemon, also for one that ran before. */
  names(): Promise<Result<readonly string[], Failure>>;
}

/** What a handover is made with. */
export interface HandoverParts {
  readonly store: Store;
  readonly events: EventLog;
  readonly clock: Clock;
  /** Absent: nobody else can hold a clock here. */
  readonly otherClock?: OtherClock;
}

/** Where handovers take place: one at a time. */
type InTurn = (work: () => Promise<void>) => Promise<void>;

/** When systemd did not answer. */
const tryAgainMs = 10_000;

/**
 * Which schedules systemd holds. One that it cannot hold stays with us, and why is said: no instant may
 * depend on who holds the clock. Nor can both fire one: whoever comes second finds it dealt with.
 */
export class Handover {
  readonly #parts: HandoverParts;
  readonly #inTurn: InTurn;
  readonly #changed: (name: string) => void;
  /** What the other clock should hold, and what was last asked of it. */
  readonly #wanted = new Map<string, Schedule>();
  readonly #asked = new Map<string, string>();
  readonly #held = new Set<string>();
  readonly #problems = new Map<string, string>();
  readonly #again = new Map<string, () => void>();

  /** `changed` is called when somebody else holds a schedule from now on, or no longer. */
  constructor(parts: HandoverParts, inTurn: InTurn, changed: (name: string) => void) {
    this.#parts = parts;
    this.#inTurn = inTurn;
    this.#changed = changed;
  }

  isHeld(name: string): boolean {
    return this.#held.has(name);
  }

  /** Names of those that somebody else holds. */
  get held(): readonly string[] {
    return [...this.#held];
  }

  /** Why a schedule that should be there is not. */
  problem(name: string): string | undefined {
    return this.#problems.get(name);
  }

  /** What the other clock would be told of a schedule; the error says why it can never hold it as it is. */
  specOf(schedule: Schedule): Result<TimerSpec, Failure> {
    const { name, file } = schedule;
    if (this.#parts.otherClock === undefined) {
      const remedy = `leave it to blutd: blutctl schedule enable ${name}`;
      return err(failure("invalid-request", "blutd contains work without systemd here", remedy));
    }
    const spec = timerSpec(schedule);
    if (spec.ok) return spec;
    const remedy = `leave its clock to blutd, or write it otherwise in ${file}`;
    return err(failure("invalid-request", spec.error, remedy));
  }

  /** Says what the other clock should hold of this name from now on; it is asked soon. */
  aim(name: string, wanted: Schedule | undefined): void {
    if (wanted === undefined) this.#wanted.delete(name);
    else this.#wanted.set(name, wanted);
    if (this.#asked.get(name) === (wanted && wishOf(wanted))) return;
    void this.#inTurn(() => this.#settle(name));
  }

  /** Lets go of what an earlier daemon handed over and nobody wants any more. */
  async tidy(): Promise<void> {
    const { otherClock } = this.#parts;
    const names = await otherClock?.names();
    if (names?.ok !== true) return;
    for (const name of names.value) if (!this.#wanted.has(name)) await otherClock?.release(name);
  }

  /** The other clock was away and may have forgotten: everything is asked anew. */
  askAgain(): void {
    this.#asked.clear();
    for (const [name, wanted] of this.#wanted) this.aim(name, wanted);
  }

  stop(): void {
    for (const disarm of this.#again.values()) disarm();
  }

  async #settle(name: string): Promise<void> {
    this.#again.get(name)?.();
    const wanted = this.#wanted.get(name);
    const done = wanted === undefined ? await this.#release(name) : await this.#hold(name, wanted);
    if (!done.ok && done.error.retryable) {
      const again = this.#parts.clock.after(tryAgainMs, () => {
        void this.#inTurn(() => this.#settle(name));
      });
      this.#again.set(name, again);
    }
    this.#changed(name);
  }

  async #release(name: string): Promise<Result<void, Failure>> {
    this.#asked.delete(name);
    this.#held.delete(name);
    this.#problems.delete(name);
    return (await this.#parts.otherClock?.release(name)) ?? ok(undefined);
  }

  async #hold(name: string, wanted: Schedule): Promise<Result<void, Failure>> {
    this.#asked.set(name, wishOf(wanted));
    const spec = this.specOf(wanted);
    const held = spec.ok
      ? ((await this.#parts.otherClock?.hold(spec.value)) ?? ok(undefined))
      : spec;
    if (held.ok) {
      this.#problems.delete(name);
      this.#held.add(name);
      return held;
    }
    this.#held.delete(name);
    const because = held.error.message;
    if (this.#problems.get(name) !== because) await this.#tell(name, because);
    this.#problems.set(name, because);
    return held;
  }

  async #tell(name: string, because: string): Promise<void> {
    const { store, events } = this.#parts;
    await store.write(() => {
      events.append("schedule.unheld", { facts: { schedule: name, because } });
      return ok(undefined);
    });
  }
}

function wishOf({ timing }: Schedule): string {
  return digestOf([timing.trigger, timing.zone, timing.jitterMs]);
}
