import type { Clock } from "../base/clock.ts";
import type { Result } from "../domain/result.ts";
import type { SystemdError } from "./systemd-error.ts";
import type { UnitSummary } from "./unit-state.ts";

/** A reload that never says it is over must not silence us for ever; ms. */
const longestReloadMs = 30_000;

/**
 * Tells real removals of units from systemd's housekeeping. daemon-reload announces every live unit
 * as removed and new again, so names that go by during a reload are only collected, and every name is
 * looked for among the loaded units before anybody hears that it is gone.
 */
export class UnitRemovals {
  readonly #listLoaded: (
    names: readonly string[],
  ) => Promise<Result<readonly UnitSummary[], SystemdError>>;
  readonly #announce: (name: string) => void;
  readonly #clock: Clock;
  readonly #suspects = new Set<string>();
  #cancelReload: (() => void) | undefined;
  #isChecking = false;

  /** `listLoaded` answers which of these names are loaded now. */
  constructor(
    listLoaded: (names: readonly string[]) => Promise<Result<readonly UnitSummary[], SystemdError>>,
    announce: (name: string) => void,
    clock: Clock,
  ) {
    this.#listLoaded = listLoaded;
    this.#announce = announce;
    this.#clock = clock;
  }

  /** Takes a UnitRemoved signal. */
  removed(name: string): void {
    this.#suspects.add(name);
    void this.#check();
  }

  /** Takes a Reloading signal. */
  reloading(isReloading: boolean): void {
    this.#cancelReload?.();
    this.#cancelReload = undefined;
    if (isReloading) {
      this.#cancelReload = this.#clock.after(longestReloadMs, () => {
        this.reloading(false);
      });
    } else {
      void this.#check();
    }
  }

  /** Ends what was under way; what is not checked yet is forgotten. */
  close(): void {
    this.#cancelReload?.();
    this.#suspects.clear();
  }

  async #check(): Promise<void> {
    while (!this.#isChecking && this.#cancelReload === undefined && this.#suspects.size > 0) {
      const names = [...this.#suspects];
      this.#suspects.clear();
      this.#isChecking = true;
      const loaded = await this.#listLoaded(names);
      this.#isChecking = false;
      if (!loaded.ok) {
        // Kept for the next signal, or for the reconnect that calls reloading(false).
        for (const name of names) this.#suspects.add(name);
        return;
      }
      const alive = new Set(loaded.value.map((unit) => unit.name));
      for (const name of names) if (!alive.has(name)) this.#announce(name);
    }
  }
}
