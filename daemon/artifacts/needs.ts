import type { Store } from "../store/store.ts";
import { turn } from "./turn.ts";

/** So many plans are looked at in one turn of the event loop. */
const plansAtOnce = 200;
const live = ["queued", "running"] as const;

/**
 * Artifacts that the plans of live runs name by digest. A plan of a run that waits is the one place that
 * says so: nothing of it has been read yet.
 */
export class NamedByPlans {
  readonly #store: Store;
  readonly #digests = new Set<string>();
  /** The newest run that was looked at, of each state. */
  readonly #seen = { queued: "", running: "" };

  constructor(store: Store) {
    this.#store = store;
  }

  /** Looks at every live run; in this order, because a run goes from queued to running, never back. */
  async read(): Promise<void> {
    for (const state of live) while (this.#page(state)) await turn();
  }

  /** Whether one of them names it, the runs that came since {@link read} included. */
  has(digest: string): boolean {
    for (const state of live) while (this.#page(state));
    return this.#digests.has(digest);
  }

  /** False when there was nothing more to look at. */
  #page(state: (typeof live)[number]): boolean {
    const found = this.#store.artifacts.livePlans(state, this.#seen[state], plansAtOnce);
    for (const { runId, plan } of found) {
      this.#seen[state] = runId;
      for (const [, digest = ""] of (plan ?? "").matchAll(/"artifact":"([0-9a-f]{64})"/g)) {
        this.#digests.add(digest);
      }
    }
    return found.length > 0;
  }
}
