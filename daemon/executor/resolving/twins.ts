import type { RunId } from "../../domain/ids.ts";
import { isFinalStep, type StepPlace } from "../../domain/run.ts";
import type { Store } from "../../store/store.ts";

/** Keys remembered before those that are over are swept out. */
const sweepAt = 1_000;

/**
 * Steps with one key at one time: the second waits for the first and takes its result, instead of doing
 * the same work twice. Kept in memory only: the next daemon is told of those that are under way.
 */
export class Twins {
  readonly #store: Store;
  readonly #first = new Map<string, StepPlace>();
  /** Who waits, by the run and the step of whom they wait for. */
  readonly #waiting = new Map<RunId, Map<string, StepPlace[]>>();
  #sweepAt = sweepAt;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Whether a step of this key is under way already; if not, this one is from now on. */
  mustWait(key: string, place: StepPlace): boolean {
    const first = this.#first.get(key);
    const isSame = first?.runId === place.runId && first.step === place.step;
    if (first !== undefined && !isSame && !this.#isOver(first)) {
      this.#wait(first, place);
      return true;
    }
    if (this.#first.size >= this.#sweepAt) this.#sweep();
    this.#first.set(key, place);
    return false;
  }

  /**
   * Those whose first is over by now, of those that wait for this step, or for any of this run: they are
   * looked at again.
   */
  released(runId: RunId, step?: string): StepPlace[] {
    const ofRun = this.#waiting.get(runId);
    if (ofRun === undefined) return [];
    const firsts = step === undefined ? [...ofRun.keys()] : [step];
    const free = firsts.flatMap((name) => {
      const places = ofRun.get(name);
      if (places === undefined || !this.#isOver({ runId, step: name })) return [];
      ofRun.delete(name);
      return places;
    });
    if (ofRun.size === 0) this.#waiting.delete(runId);
    return free;
  }

  #wait(first: StepPlace, place: StepPlace): void {
    const ofRun = this.#waiting.get(first.runId) ?? new Map<string, StepPlace[]>();
    const places = ofRun.get(first.step) ?? [];
    places.push(place);
    this.#waiting.set(first.runId, ofRun.set(first.step, places));
  }

  #isOver({ runId, step }: StepPlace): boolean {
    const row = this.#store.steps.get(runId, step);
    return row === undefined || isFinalStep(row.state);
  }

  /** As many may be under way as there are: the next look is worth it when as many have come again. */
  #sweep(): void {
    for (const [key, place] of this.#first) if (this.#isOver(place)) this.#first.delete(key);
    this.#sweepAt = Math.max(sweepAt, 2 * this.#first.size);
  }
}
