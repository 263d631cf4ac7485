import type { GpuDevice } from "../domain/gpu.ts";
import type { RunId } from "../domain/ids.ts";
import type { Wait } from "../domain/reservation.ts";
import { devicesFor, lackOf, type Capacity, type Want } from "./room.ts";
import { Tally, type Holding } from "./tally.ts";
import { closedWait, heldWait, lackWait, nextWait, type Gate } from "./waits.ts";

/** A ready step with what it would take. */
export interface Candidate extends Want {
  readonly runId: RunId;
  readonly step: string;
  readonly priority: number;
  /** Steps on the longest way from it to an end of its plan. */
  readonly weight: number;
  /** Starts that went past it while it was the head of the line. */
  readonly passedOver: number;
}

/** Everything a decision depends on. The same snapshot and queue always give the same decision. */
export interface Snapshot extends Gate {
  readonly budgetBytes: number;
  readonly reserveBytes: number;
  readonly cpusTotal: number;
  readonly gpus: readonly GpuDevice[];
  readonly pools: Readonly<Record<string, number>>;
  readonly live: readonly Holding[];
}

/** How many starts one round may make, and how long a blocked step is passed by. */
export interface ChoicePolicy {
  /** Starts that may pass a blocked step before capacity is held for it. */
  readonly maxPasses: number;
  /** Most starts in this round; without it, all that fit. */
  readonly maxStarts?: number | undefined;
}

/** What one round decided: every step of the queue is in `starts` or in `waits`. */
export interface Choice {
  readonly starts: Candidate[];
  /** The GPU devices of each start that claims some. */
  readonly devices: Map<Candidate, readonly number[]>;
  readonly waits: { readonly candidate: Candidate; readonly wait: Wait }[];
  /** One entry for each time that a start went past a blocked step. */
  readonly passedOver: Candidate[];
}

/**
 * Which steps start now, in the order of priority, then age, then the critical path. Each start is added to the picture
 * before the next step is judged, so no number of starts passes one check together.
 *
 * A blocked step lets `maxPasses` later ones past it. Then capacity is held for it: whatever starts
 * after it must fit beside it, as if it ran already. So nothing that it needs, once free, is taken
 * again, and it starts as soon as the running work it waits for has ended. Capacity is never held
 * where that cannot help: for a step that no end of our own work makes room for, or that could not run
 * together with those it is held for already.
 */
export function chooseStarts(
  snapshot: Snapshot,
  queue: readonly Candidate[],
  policy: ChoicePolicy,
): Choice {
  const ordered = queue.toSorted(inQueueOrder);
  const closed = closedWait(snapshot);
  if (closed !== undefined) {
    const waits = ordered.map((candidate) => ({ candidate, wait: closed }));
    return { starts: [], devices: new Map(), waits, passedOver: [] };
  }
  const round = new Round(snapshot, policy);
  for (const candidate of ordered) round.judge(candidate);
  return round.choice;
}

/** One walk down the queue. */
class Round {
  readonly choice: Choice = { starts: [], devices: new Map(), waits: [], passedOver: [] };
  readonly #policy: ChoicePolicy;
  readonly #capacity: Capacity;
  /** What there would be once our own work had ended. */
  readonly #emptied: Capacity;
  /** What runs, with the starts of this round. */
  readonly #taken: Tally;
  /** The same with everything that capacity is held for. */
  readonly #promised: Tally;
  readonly #held = new Tally();
  #firstHeld: Candidate | undefined;
  /** Blocked steps that could still be passed, in queue order. */
  readonly #line: { readonly candidate: Candidate; passes: number }[] = [];

  constructor(snapshot: Snapshot, policy: ChoicePolicy) {
    const { host, reserveBytes, live } = snapshot;
    this.#policy = policy;
    this.#taken = new Tally(live);
    this.#promised = new Tally(live);
    this.#capacity = { ...snapshot, freeBytes: host.memAvailableBytes - reserveBytes };
    this.#emptied = {
      ...this.#capacity,
      freeBytes: this.#capacity.freeBytes + this.#taken.needBytes,
    };
  }

  judge(candidate: Candidate): void {
    const lack = lackOf(candidate, this.#taken, this.#capacity);
    if (lack !== undefined) {
      this.#wait(candidate, lackWait(candidate, lack, this.#taken, this.#capacity));
      this.#queueUp(candidate);
    } else if (
      this.#firstHeld !== undefined &&
      lackOf(candidate, this.#promised, this.#capacity) !== undefined
    ) {
      this.#wait(candidate, heldWait(this.#firstHeld, this.#held.holders));
      this.#queueUp(candidate);
    } else if (this.choice.starts.length >= (this.#policy.maxStarts ?? Infinity)) {
      this.#wait(candidate, nextWait);
    } else {
      this.#start(candidate);
    }
  }

  #start(candidate: Candidate): void {
    // What is promised includes what is taken, so a device that is free of promises is free.
    const devices = devicesFor(candidate, this.#promised, this.#capacity) ?? [];
    this.choice.starts.push(candidate);
    if (devices.length > 0) this.choice.devices.set(candidate, devices);
    this.#taken.add(asHolding(candidate, devices));
    this.#promised.add(asHolding(candidate, devices));
    const passed = this.#line[0];
    if (passed === undefined) return;
    this.choice.passedOver.push(passed.candidate);
    passed.passes += 1;
    if (passed.passes < this.#policy.maxPasses) return;
    this.#line.shift();
    this.#holdFor(passed.candidate);
  }

  #queueUp(candidate: Candidate): void {
    if (candidate.passedOver < this.#policy.maxPasses) {
      this.#line.push({ candidate, passes: candidate.passedOver });
    } else {
      this.#holdFor(candidate);
    }
  }

  #holdFor(candidate: Candidate): void {
    if (lackOf(candidate, this.#held, this.#emptied) !== undefined) return;
    // The same devices round after round, whatever runs on them now: so those who do come to an end.
    const devices = devicesFor(candidate, this.#held, this.#emptied) ?? [];
    this.#held.add(asHolding(candidate, devices));
    this.#promised.add(asHolding(candidate, devices));
    this.#firstHeld ??= candidate;
  }

  #wait(candidate: Candidate, wait: Wait): void {
    this.choice.waits.push({ candidate, wait });
  }
}

function asHolding({ limitBytes, claims }: Candidate, devices: readonly number[]): Holding {
  return { limitBytes, needBytes: 0, ...claims, devices };
}

/** Run ids sort by age; within a run the critical path goes first. The queue's index has the same order. */
function inQueueOrder(a: Candidate, b: Candidate): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  if (a.runId !== b.runId) return a.runId < b.runId ? -1 : 1;
  if (a.weight !== b.weight) return b.weight - a.weight;
  return a.step < b.step ? -1 : a.step > b.step ? 1 : 0;
}
