import { setImmediate } from "node:timers/promises";
import type { Store } from "../store/store.ts";

/** So many rows are looked at in one turn of the event loop. */
const rowsAtOnce = 200;
/** In this order, because runs and steps go from the first to the second, never back unseen. */
const liveRuns = ["queued", "running"] as const;
const openSteps = ["ready", "running"] as const;

/** How far a look at open steps has come. */
interface Cursor {
  readonly runId: string;
  readonly step: string;
}

/**
 * Artifacts that live runs need and no row of theirs names by itself: plans that say a digest, and inputs
 * that were put together for a step that has not ended yet.
 */
export class Needs {
  readonly #store: Store;
  readonly #digests = new Set<string>();
  /** The newest run that was looked at, of each state. */
  readonly #seen = { queued: "", running: "" };

  constructor(store: Store) {
    this.#store = store;
  }

  /** Looks at every live run and every open step. */
  async read(): Promise<void> {
    for (const state of liveRuns) while (this.#plans(state)) await setImmediate();
    for (const state of openSteps) {
      let last: Cursor | undefined = { runId: "", step: "" };
      while (last !== undefined) {
        last = this.#keys(state, last);
        await setImmediate();
      }
    }
  }

  /**
   * Whether one of them needs it, the runs that came since {@link read} included. A step that was resolved
   * since has used what it needs, and the artifact's row tells.
   */
  has(digest: string): boolean {
    for (const state of liveRuns) while (this.#plans(state));
    return this.#digests.has(digest);
  }

  /** False when there was nothing more to look at. */
  #plans(state: (typeof liveRuns)[number]): boolean {
    const found = this.#store.artifacts.livePlans(state, this.#seen[state], rowsAtOnce);
    for (const { runId, plan } of found) {
      this.#seen[state] = runId;
      this.#add(plan, /"artifact":"([0-9a-f]{64})"/g);
    }
    return found.length > 0;
  }

  /** The last one that was looked at; undefined when there was none. */
  #keys(state: (typeof openSteps)[number], after: Cursor): Cursor | undefined {
    const found = this.#store.artifacts.openKeys(state, after, rowsAtOnce);
    for (const { parts } of found) this.#add(parts, /"digest":"([0-9a-f]{64})"/g);
    return found.at(-1);
  }

  #add(text: string | null, pattern: RegExp): void {
    for (const [, digest = ""] of (text ?? "").matchAll(pattern)) this.#digests.add(digest);
  }
}
