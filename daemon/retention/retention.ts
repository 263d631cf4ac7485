import type { Stuck } from "../artifacts/jobs.ts";
import { TurnTaking } from "../base/turn-taking.ts";
import type { RetentionPolicy } from "../config/config.ts";
import { failure, type Failure } from "../domain/failure.ts";
import type { BlutEvent } from "../domain/event.ts";
import type { Wait } from "../domain/reservation.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { finalRunStates } from "../domain/run.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Store } from "../store/store.ts";
import { ClockDoubt, standsMs } from "./clock-doubt.ts";
import {
  Collection,
  type Collected,
  type CollectionParts,
  type CollectWish,
} from "./collection.ts";
import type { DiskWatch } from "./disk-watch.ts";

export type { Collected, CollectWish } from "./collection.ts";

/** What retention is made from. */
export interface RetentionParts extends Omit<
  CollectionParts,
  "write" | "stopping" | "stuck" | "doubtMs"
> {
  readonly events: EventLog;
  readonly policy: RetentionPolicy;
  readonly disk: DiskWatch;
}

/** The first collection lets what runs be adopted first. */
const firstMs = 2_000;
const everyMs = 6 * 3_600_000;
/** As many ends of runs bring the next one forward. */
const everyEnds = 1_000;
/** A disk that stays low is collected for once in a while only. */
const lowAgainMs = 600_000;
/** While something runs the disk is looked at so often. */
const lookMs = 60_000;

const stopped = failure("wrong-state", "blutd is stopping", "try again once it is back", {
  retryable: true,
});
const endKinds = new Set<BlutEvent["kind"]>(finalRunStates.map((state) => `run.${state}` as const));

/**
 * Keeps what piles up within its limits: runs, their logs, events, artifacts. It collects by itself, at
 * the start, every few hours, after many runs, and early when a disk is nearly full. One collection at a
 * time; work goes on meanwhile, and no failure here touches it.
 */
export class Retention {
  readonly #parts: RetentionParts;
  readonly #doubt: ClockDoubt;
  readonly #told = new Set<string>();
  readonly #turns = new TurnTaking();
  #callOffNext: (() => void) | undefined;
  #callOffLook: (() => void) | undefined;
  #stopListening: (() => void) | undefined;
  #ends = 0;
  #lowAtMs = -Infinity;
  readonly #stop = new AbortController();

  constructor(parts: RetentionParts) {
    this.#parts = parts;
    this.#doubt = new ClockDoubt(parts.clock, parts.store);
  }

  start(): void {
    this.#collectIn(firstMs);
    this.#parts.disk.onLow(() => {
      this.#low();
    });
    this.#stopListening = this.#parts.events.onAppend(({ kind }) => {
      if (kind === "attempt.started") this.#lookAtDisk();
      if (endKinds.has(kind) && ++this.#ends >= everyEnds) this.#collectIn(0);
    });
    this.#lookAtDisk();
  }

  /** Ends what is under way at its next change, and begins nothing more; {@link settled} tells when. */
  stop(): void {
    this.#stop.abort();
    this.#stopListening?.();
    this.#callOffNext?.();
    this.#callOffLook?.();
  }

  /** Resolves when nothing is under way any more; the pool has been stopped. */
  settled(): Promise<void> {
    return this.#turns.settled();
  }

  /** Why nothing new may start for want of disk space; undefined while there is room. */
  diskWait(): Wait | undefined {
    return this.#parts.disk.wait();
  }

  /** Collects by the configuration, or by what somebody wishes instead; or says what would go. */
  collect(wish: CollectWish, dryRun: boolean): Promise<Result<Collected, Failure>> {
    return this.#turns.inTurn(async () => {
      const { policy, events, store } = this.#parts;
      const stuck = (each: Stuck): void => {
        this.#tell(each);
      };
      const doubtMs = this.#doubt.lookMs();
      const { signal: stopping } = this.#stop;
      const parts = { ...this.#parts, write: this.#write, stopping, stuck, doubtMs };
      const collection = new Collection(parts, policy, wish);
      if (dryRun) {
        const planned = await collection.plan();
        return stopping.aborted ? err(stopped) : planned;
      }
      await this.#write(() => {
        this.#doubt.keep(store);
        return ok(undefined);
      });
      const done = await collection.run();
      if (!done.ok || isNothing(done.value)) return done;
      const { runs, logs, events: dropped, artifacts, freedBytes } = done.value;
      const counts = { runs: runs.length, logs: logs.length, events: dropped, artifacts };
      // What was taken is gone, whether or not this can be written down.
      await store.write(() => {
        events.append("gc.done", { facts: { ...counts, freedBytes } });
        return ok(undefined);
      });
      return done;
    });
  }

  /** What a stop cuts short is gone on with by the next daemon, as after a death. */
  readonly #write: Store["write"] = (change) =>
    this.#stop.signal.aborted ? Promise.resolve(err(stopped)) : this.#parts.store.write(change);

  #collectIn(ms: number): void {
    if (this.#stop.signal.aborted) return;
    this.#callOffNext?.();
    this.#callOffNext = this.#parts.clock.after(ms, () => {
      this.#ends = 0;
      // A full disk or a stop: the next one tries again.
      void this.collect({}, false).then((done) => {
        this.#collectIn(done.ok && done.value.doubtMs > 0 ? standsMs : everyMs);
      });
    });
  }

  /** Once a minute while something runs; a disk that nobody writes to does not fill up by us. */
  #lookAtDisk(): void {
    const { clock, disk, store } = this.#parts;
    if (this.#callOffLook !== undefined || this.#stop.signal.aborted) return;
    disk.look();
    if (store.runs.counts().running === 0) return;
    this.#callOffLook = clock.after(lookMs, () => {
      this.#callOffLook = undefined;
      this.#lookAtDisk();
    });
  }

  #low(): void {
    const nowMs = this.#parts.clock.monotonic();
    if (nowMs - this.#lowAtMs < lowAgainMs) return;
    this.#lowAtMs = nowMs;
    this.#collectIn(0);
  }

  /** Of each directory once, however often it is tried again. */
  #tell({ directory, path, why }: Stuck): void {
    if (this.#told.has(directory)) return;
    this.#told.add(directory);
    const { store, events } = this.#parts;
    void store.write(() => {
      events.append("gc.stuck", { facts: { directory, path: path.slice(0, 1000), why } });
      return ok(undefined);
    });
  }
}

function isNothing({ runs, logs, events, artifacts }: Collected): boolean {
  return runs.length + logs.length + events + artifacts === 0;
}
