import type { Wait } from "../domain/reservation.ts";
import { devicesFor, lackOf, type Capacity, type Want } from "./room.ts";
import { Tally, type Holding } from "./tally.ts";
import { lackWait } from "./waits.ts";

/** A step as a forecast sees it. */
export interface PlannedStep extends Want {
  readonly name: string;
  readonly needs: readonly string[];
  /** Steps from here to an end of the plan: the longest way goes first. */
  readonly weight: number;
}

/** What a box that does nothing else has to give. */
export type Box = Omit<Capacity, "freeBytes">;

/** How steps would be packed on a box that does nothing else. */
export interface Forecast {
  /** The most memory that is reserved at a time. */
  readonly peakBytes: number;
  /** The most steps at a time. */
  readonly atOnce: number;
  /** Steps that cannot start even alone, and why; they are left out of the rest. */
  readonly never: readonly { readonly step: string; readonly wait: Wait }[];
}

/** Blocked steps looked past for one that fits; the queue looks no further either. */
const farthest = 256;

/**
 * Packs a plan as admission would, every step taking one turn: in each turn the ready steps start, those on
 * the longest way first, as long as there is room. Nobody knows how long they take, so it is an estimate.
 */
export function forecast(steps: readonly PlannedStep[], box: Box): Forecast {
  const capacity: Capacity = { ...box, freeBytes: Infinity };
  const alone = new Tally();
  const never = steps.flatMap((step) => {
    const lack = lackOf(step, alone, capacity);
    return lack === undefined
      ? []
      : [{ step: step.name, wait: lackWait(step, lack, alone, capacity) }];
  });
  const barred = new Set(never.map(({ step }) => step));
  const turns = new Turns(steps);
  let [peakBytes, atOnce] = [0, 0];
  for (let ready = turns.ready(); ready.length > 0; ready = turns.ready()) {
    const taken = new Tally();
    const started: PlannedStep[] = [];
    let blocked = 0;
    for (const step of ready) {
      if (barred.has(step.name)) started.push(step);
      else if (lackOf(step, taken, capacity) === undefined) {
        taken.add(holdingOf(step, taken, capacity));
        started.push(step);
      } else if (++blocked > farthest) break;
    }
    peakBytes = Math.max(peakBytes, taken.limitBytes);
    atOnce = Math.max(atOnce, taken.holders);
    turns.end(started);
  }
  return { peakBytes, atOnce, never };
}

function holdingOf(step: PlannedStep, taken: Tally, capacity: Capacity): Holding {
  const devices = devicesFor(step, taken, capacity) ?? [];
  return { ...step.claims, limitBytes: step.limitBytes, needBytes: 0, devices };
}

/** What may start, turn by turn. */
class Turns {
  readonly #dependents = new Map<string, PlannedStep[]>();
  readonly #open = new Map<string, number>();
  #ready: PlannedStep[] = [];

  constructor(steps: readonly PlannedStep[]) {
    const known = new Set(steps.map(({ name }) => name));
    for (const step of steps) {
      const needs = step.needs.filter((need) => known.has(need));
      this.#open.set(step.name, needs.length);
      for (const need of needs) {
        const list = this.#dependents.get(need);
        if (list === undefined) this.#dependents.set(need, [step]);
        else list.push(step);
      }
    }
    this.#add(steps.filter(({ name }) => this.#open.get(name) === 0));
  }

  ready(): readonly PlannedStep[] {
    return this.#ready;
  }

  end(ended: readonly PlannedStep[]): void {
    const over = new Set(ended);
    this.#ready = this.#ready.filter((step) => !over.has(step));
    const opened = ended.flatMap(({ name }) =>
      (this.#dependents.get(name) ?? []).filter((dependent) => {
        const left = (this.#open.get(dependent.name) ?? 0) - 1;
        this.#open.set(dependent.name, left);
        return left === 0;
      }),
    );
    this.#add(opened);
  }

  #add(steps: readonly PlannedStep[]): void {
    if (steps.length === 0) return;
    this.#ready = [...this.#ready, ...steps].sort((a, b) => b.weight - a.weight);
  }
}
