import { existsSync, watch, type FSWatcher } from "node:fs";
import path from "node:path";
import type { Clock } from "../../base/clock.ts";
import { errorCode } from "../../base/system-error.ts";

/** An editor writes a file in several steps. */
const settleMs = 50;

/** Tells when a directory has changed, also when it comes to be or goes: until then the one above it is watched. */
export class DirectoryWatch {
  readonly #directory: string | undefined;
  readonly #clock: Clock;
  #watcher: FSWatcher | undefined;
  #watched = "";
  #disarm: (() => void) | undefined;

  constructor(directory: string | undefined, clock: Clock) {
    this.#directory = directory;
    this.#clock = clock;
  }

  /** Calls back once things have settled. */
  start(changed: () => void): void {
    if (this.#directory === undefined) return;
    let place = this.#directory;
    while (!existsSync(place) && place !== "/") place = path.dirname(place);
    if (place === this.#watched && this.#watcher !== undefined) return;
    this.#watcher?.close();
    this.#watched = place;
    const again = (): void => {
      this.#disarm?.();
      this.#disarm = this.#clock.after(settleMs, () => {
        this.start(changed);
        changed();
      });
    };
    try {
      this.#watcher = watch(place, again);
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      return;
    }
    this.#watcher.on("error", () => {
      this.#watcher?.close();
      this.#watcher = undefined;
    });
    // Its own removal tells of itself only as a change of its name.
    this.#watcher.on("change", (_kind, name) => {
      if (name === path.basename(place)) this.#watched = "";
    });
  }

  stop(): void {
    this.#disarm?.();
    this.#watcher?.close();
  }
}
