import { watch, type FSWatcher } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../base/clock.ts";
import { isStillBound, type SocketIdentity } from "./socket-path.ts";

/** A net below the kernel's news: a mount over the directory, for one, is told to nobody. */
const checkMs = 5000;

/** Tells once when a bound socket's file has gone, because it or its directory was removed. */
export class SocketWatch {
  readonly #path: string;
  readonly #identity: SocketIdentity;
  readonly #clock: Clock;
  readonly #onGone: () => void;
  #watcher: FSWatcher | undefined;
  #callOff: (() => void) | undefined;
  #isOver = false;

  constructor(path: string, identity: SocketIdentity, clock: Clock, onGone: () => void) {
    this.#path = path;
    this.#identity = identity;
    this.#clock = clock;
    this.#onGone = onGone;
    this.#watcher = this.#watchDirectory();
    this.#check();
  }

  stop(): void {
    this.#isOver = true;
    this.#callOff?.();
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #check(): void {
    if (this.#isOver) return;
    this.#callOff?.();
    if (isStillBound(this.#path, this.#identity)) {
      this.#callOff = this.#clock.after(checkMs, () => {
        this.#check();
      });
      return;
    }
    this.stop();
    this.#onGone();
  }

  /** Undefined where the kernel has no watch to give; the check alone then finds out. */
  #watchDirectory(): FSWatcher | undefined {
    try {
      const watcher = watch(dirname(this.#path), { persistent: false });
      watcher.on("change", () => {
        this.#check();
      });
      watcher.on("error", () => {
        watcher.close();
      });
      return watcher;
    } catch {
      return undefined;
    }
  }
}
