import type { Clock } from "../base/clock.ts";
import type { NewsItem } from "../domain/notice.ts";
import { ok } from "../domain/result.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Store } from "../store/store.ts";

/** Why nothing new starts at all, by no person's wish. */
export interface AdmissionStop {
  /** A word: `memory-pressure`, `bus`, `storage`, ... */
  readonly reason: string;
  readonly message: string;
}

/** What is watched, and who is told where it cannot be put on record. */
export interface AdmissionWatchParts {
  readonly store: Store;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly look: () => AdmissionStop | undefined;
  readonly tellUnrecorded: (item: NewsItem) => void;
}

const lookEveryMs = 60_000;
/** A peak that passes is nobody's concern. */
const patienceMs = 300_000;

/**
 * Puts on record that nothing has been starting for five minutes, and that it does again. It looks once a
 * minute while something waits or runs, and not at all on an idle box.
 */
export class AdmissionWatch {
  readonly #parts: AdmissionWatchParts;
  #disarm: (() => void) | undefined;
  #stopListening: (() => void) | undefined;
  /** Monotonic. */
  #stoppedAtMs: number | undefined;
  #isTold = false;

  constructor(parts: AdmissionWatchParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#stopListening = this.#parts.events.onAppend(() => {
      this.#arm();
    });
    this.#arm();
  }

  stop(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#disarm?.();
  }

  #arm(): void {
    if (this.#disarm !== undefined || this.#stopListening === undefined) return;
    const { store, clock } = this.#parts;
    const { queued, running } = store.runs.counts();
    if (queued + running === 0 && this.#stoppedAtMs === undefined) return;
    this.#disarm = clock.after(lookEveryMs, () => {
      this.#disarm = undefined;
      this.#look();
      this.#arm();
    });
  }

  #look(): void {
    const stop = this.#parts.look();
    const nowMs = this.#parts.clock.monotonic();
    const heldMs = nowMs - (this.#stoppedAtMs ?? nowMs);
    if (stop === undefined) {
      this.#stoppedAtMs = undefined;
      if (this.#isTold) void this.#note("admission.resumed", { reason: "admission", heldMs });
      this.#isTold = false;
      return;
    }
    this.#stoppedAtMs ??= nowMs;
    if (this.#isTold || heldMs < patienceMs) return;
    this.#isTold = true;
    void this.#tell(stop);
  }

  async #tell({ reason, message }: AdmissionStop): Promise<void> {
    if (await this.#note("admission.stopped", { reason, message })) return;
    // A full disk is told of without it.
    const at = this.#parts.clock.now();
    const sentence = `nothing new starts: ${message}`;
    this.#parts.tellUnrecorded({ kind: "hold", at, name: reason, sentence });
  }

  /** False when the disk did not take it. */
  async #note(
    kind: "admission.stopped" | "admission.resumed",
    facts: Readonly<Record<string, string | number>>,
  ): Promise<boolean> {
    const { store, events } = this.#parts;
    const written = await store.write(() => {
      events.append(kind, { facts });
      return ok(undefined);
    });
    return written.ok;
  }
}
