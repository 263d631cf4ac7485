import { watch, type FSWatcher } from "node:fs";

/** Tells when something in an attempt's directory changes, its logs above all. */
export class LogWatch {
  readonly #tell: () => void;
  #directory: string | undefined;
  #watcher: FSWatcher | undefined;

  constructor(tell: () => void) {
    this.#tell = tell;
  }

  /** Watches this directory from now on, if it can be; an attempt's events tell the rest. */
  move(directory: string | undefined): void {
    if (directory === this.#directory && this.#watcher !== undefined) return;
    this.stop();
    this.#directory = directory;
    if (directory === undefined) return;
    try {
      const watcher = watch(directory, { persistent: false }, this.#tell);
      watcher.on("error", () => {
        watcher.close();
      });
      this.#watcher = watcher;
    } catch {
      // It is not there yet, or the kernel has no watch left: then news waits for the next event.
      this.#watcher = undefined;
    }
  }

  stop(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}
