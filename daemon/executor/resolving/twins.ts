import { isFinalStep } from "../../domain/run.ts";
import type { Store } from "../../store/store.ts";
import type { StepPlace } from "../steps/end-step.ts";

/** Keys remembered before those that are over are swept out. */
const sweepAt = 1_000;

/**
 * Steps with one key at one time: the second waits for the first and takes its result, instead of doing
 * the same work twice. Kept in memory only: after a restart the worst is work done twice.
 */
export class Twins {
  readonly #store: Store;
  readonly #first = new Map<string, StepPlace>();
  readonly #waiting = new Map<string, { readonly place: StepPlace; readonly first: StepPlace }>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Whether a step of this key is under way already; if not, this one is from now on. */
  mustWait(key: string, place: StepPlace): boolean {
    const first = this.#first.get(key);
    const isSame = first?.runId === place.runId && first.step === place.step;
    if (first !== undefined && !isSame && !this.#isOver(first)) {
      this.#waiting.set(`${place.runId}/${place.step}`, { place, first });
      return true;
    }
    if (this.#first.size >= sweepAt) this.#sweep();
    this.#first.set(key, place);
    return false;
  }

  /** Those whose first is over by now: they are looked at again. */
  released(): StepPlace[] {
    const free: StepPlace[] = [];
    for (const [name, { place, first }] of this.#waiting) {
      if (!this.#isOver(first)) continue;
      this.#waiting.delete(name);
      free.push(place);
    }
    return free;
  }

  #isOver({ runId, step }: StepPlace): boolean {
    const row = this.#store.steps.get(runId, step);
    return row === undefined || isFinalStep(row.state);
  }

  #sweep(): void {
    for (const [key, place] of this.#first) if (this.#isOver(place)) this.#first.delete(key);
  }
}
