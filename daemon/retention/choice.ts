import type { Allowance, CollectReason, KeepReason } from "../domain/retention.ts";

/** Something of a run that may go, as far as the choice is concerned. */
export interface Candidate {
  readonly endedAt: number;
  /** What the disk has more without it. */
  readonly bytes: number;
}

/** What is said of a candidate besides its age and size. It is asked only where that matters. */
export interface Judge<T> {
  /** Why it stays whatever the rule says. */
  readonly kept: (one: T) => KeepReason | undefined;
  /** It is among the last of its name: it goes when nothing else is left to go. */
  readonly isLast: (one: T) => boolean;
}

/** A candidate that goes, and why. */
export interface Chosen<T> {
  readonly one: T;
  readonly because: CollectReason;
}

/** A candidate that would go, but for this. */
export interface Spared<T> {
  readonly one: T;
  readonly because: KeepReason | "last";
}

/**
 * Decides what goes, fed with all candidates, the one that ended first leading, until it has enough.
 *
 *     too old, too many or too much? --no--> enough
 *          \--yes--> kept: stays | among the last of its name: put off | goes
 *
 * What was put off never goes by its age, and by count and size only at the end, as far as it has to.
 */
export class Choice<T extends Candidate> {
  readonly chosen: Chosen<T>[] = [];
  readonly spared: Spared<T>[] = [];
  readonly #judge: Judge<T>;
  readonly #cutoffAt: number;
  readonly #last: T[] = [];
  #excess: number;
  #excessBytes: number;

  /** `totals` are of all candidates together. */
  constructor(
    allowance: Allowance,
    totals: Pick<Allowance, "count" | "bytes">,
    now: number,
    judge: Judge<T>,
  ) {
    this.#judge = judge;
    this.#cutoffAt = now - allowance.ageMs;
    this.#excess = totals.count - allowance.count;
    this.#excessBytes = totals.bytes - allowance.bytes;
  }

  /** False once this and everything after it may stay. */
  consider(one: T): boolean {
    const because = one.endedAt < this.#cutoffAt ? "age" : this.#excessive();
    if (because === undefined) return false;
    const kept = this.#judge.kept(one);
    if (kept !== undefined) this.spared.push({ one, because: kept });
    else if (this.#judge.isLast(one)) this.#last.push(one);
    else this.#take(one, because);
    return true;
  }

  /** Nothing more comes: what was put off goes as far as it has to. */
  finish(): this {
    for (const one of this.#last.splice(0)) {
      const because = this.#excessive();
      if (because === undefined) this.spared.push({ one, because: "last" });
      else this.#take(one, because);
    }
    return this;
  }

  #excessive(): CollectReason | undefined {
    if (this.#excess > 0) return "count";
    return this.#excessBytes > 0 ? "size" : undefined;
  }

  #take(one: T, because: CollectReason): void {
    this.chosen.push({ one, because });
    this.#excess -= 1;
    this.#excessBytes -= one.bytes;
  }
}
