import { chmod, rename, rm, writeFile } from "node:fs/promises";
import type { Clock } from "../base/clock.ts";
import { TurnTaking } from "../base/turn-taking.ts";
import type { EventLog } from "../events/event-log.ts";

/** What is written, where, and by what it is woken. */
export interface TextFileParts {
  readonly path: string;
  readonly text: () => Promise<string>;
  readonly events: EventLog;
  readonly clock: Clock;
  /** Whether figures change without an event: something waits or runs. */
  readonly isBusy: () => boolean;
  /** Called once when it cannot be written, and again after it could. */
  readonly warn: (why: string) => void;
}

/** As often as it is usually read. */
const everyMs = 15_000;

/**
 * Keeps the metrics in a file for node_exporter's textfile collector: whole or not there, readable for all,
 * and written only while something changes. An idle box is left alone.
 */
export class TextFile {
  readonly #parts: TextFileParts;
  #disarm: (() => void) | undefined;
  #stopListening: (() => void) | undefined;
  readonly #turns = new TurnTaking();
  #isTrouble = false;

  constructor(parts: TextFileParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#stopListening = this.#parts.events.onAppend(() => {
      this.#arm(everyMs);
    });
    this.#arm(0);
  }

  async stop(): Promise<void> {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#disarm?.();
    await this.#turns.settled();
  }

  #arm(ms: number): void {
    if (this.#disarm !== undefined || this.#stopListening === undefined) return;
    this.#disarm = this.#parts.clock.after(ms, () => {
      // What happens from now on may not be in it, and asks for another.
      this.#disarm = undefined;
      void this.#turns.inTurn(async () => {
        await this.#write();
        if (this.#parts.isBusy()) this.#arm(everyMs);
      });
    });
  }

  async #write(): Promise<void> {
    const { path, text, warn } = this.#parts;
    // The collector reads what ends in .prom.
    const partial = `${path}.${process.pid}.new`;
    try {
      await writeFile(partial, await text(), { flag: "wx" });
      // Whatever our umask is: the collector is another user.
      await chmod(partial, 0o644);
      await rename(partial, path);
      this.#isTrouble = false;
    } catch (error) {
      await rm(partial, { force: true }).catch(() => undefined);
      if (!this.#isTrouble) warn(error instanceof Error ? error.message : String(error));
      this.#isTrouble = true;
    }
  }
}
