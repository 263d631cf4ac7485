import { join } from "node:path";
import type { Stuck } from "../artifacts/jobs.ts";
import type { Clock } from "../base/clock.ts";
import type { Failure } from "../domain/failure.ts";
import type { RunId } from "../domain/ids.ts";
import { ok, type Result } from "../domain/result.ts";
import type { Chosen } from "./choice.ts";
import { isFreeToGo, type RunCandidate } from "./survey.ts";
import { weigh, type WeighParts } from "./weighing.ts";

/** What runs and logs are taken with. */
export interface RemovalParts extends WeighParts {
  readonly clock: Clock;
  /** Told of each directory that cannot be removed. */
  readonly stuck: (stuck: Stuck) => void;
}

type Choices = readonly Chosen<RunCandidate>[];
type Taken = Result<Choices, Failure>;

/** One change takes no longer than this: others wait for it. */
const changeMs = 4;
/** Runs whose directories are removed in one go. */
const runsAtOnce = 64;
/** What cannot be removed is tried again each time, so much of it. */
const mostLogsGoing = 1000;
/** A run of more steps goes in several changes. */
const stepsAtOnce = 100;
/** Collected runs that can still be told from runs that never were. */
const marksKept = 100_000;

/**
 * Takes runs and logs. What goes is put on record before anything of it does, in the change that takes the
 * rows; then its files go, then the record says so. A daemon that dies in between leaves the record, and
 * the next one goes on with {@link finish}.
 *
 *     run:  marked as going, rows deleted -> directory removed -> gone
 *     logs: said to be gone -> files removed -> weighed: nothing
 */
export class Removal {
  readonly #parts: RemovalParts;

  constructor(parts: RemovalParts) {
    this.#parts = parts;
  }

  /** Takes these runs, but for those that must stay meanwhile; gives those that went. */
  async runs(chosen: Choices): Promise<Taken> {
    const { store, write } = this.#parts;
    const gone: Chosen<RunCandidate>[] = [];
    // Ids go on growing once the newest runs are gone.
    const newest = await write(() => {
      store.attempts.keepNewestId();
      return ok(undefined);
    });
    if (!newest.ok) return newest;
    for (let from = 0; from < chosen.length;) {
      const batch = await this.#mark(chosen, from);
      if (!batch.ok) return batch;
      from = batch.value.next;
      const left = await this.#clear(batch.value.taken.map(({ one }) => one.run.id));
      if (!left.ok) return left;
      gone.push(...batch.value.taken);
    }
    return ok(gone);
  }

  /** Takes the logs of these runs, the same way. */
  async logs(chosen: Choices): Promise<Taken> {
    const { store, write, clock } = this.#parts;
    const gone: Chosen<RunCandidate>[] = [];
    for (let from = 0; from < chosen.length; from += runsAtOnce) {
      const page = chosen.slice(from, from + runsAtOnce);
      const taken = await write(() => {
        const now = clock.now();
        const free = page.filter(({ one }) => isFreeToGo(store, one.run.id, now));
        return ok(
          free.filter(({ one, because }) => store.retention.takeLogs(one.run.id, now, because)),
        );
      });
      if (!taken.ok) return taken;
      const stripped = await this.#strip(taken.value.map(({ one }) => one.run.id));
      if (!stripped.ok) return stripped;
      gone.push(...taken.value);
    }
    return ok(gone);
  }

  /** Goes on with what is on its way: a daemon died, or something could not be removed. */
  async finish(): Promise<Result<void, Failure>> {
    const { store, write } = this.#parts;
    const { retention } = store;
    let last = 0;
    for (;;) {
      const page = retention.going(runsAtOnce, last);
      const newest = page.at(-1);
      if (newest === undefined) break;
      last = newest.number;
      const cleared = await this.#clear(page.map(({ id }) => id));
      if (!cleared.ok) return cleared;
    }
    const logs = retention.logsGoing(mostLogsGoing);
    for (let from = 0; from < logs.length; from += runsAtOnce) {
      const stripped = await this.#strip(logs.slice(from, from + runsAtOnce));
      if (!stripped.ok) return stripped;
    }
    return write(() => {
      retention.trimMarks(marksKept);
      return ok(undefined);
    });
  }

  /** As many as one change may take, from there on. */
  #mark(
    chosen: Choices,
    from: number,
  ): Promise<Result<{ taken: Chosen<RunCandidate>[]; next: number }, Failure>> {
    const { write, clock } = this.#parts;
    return write(() => {
      const taken: Chosen<RunCandidate>[] = [];
      const deadlineMs = clock.monotonic() + changeMs;
      let next = from;
      do {
        const one = chosen[next++];
        if (one !== undefined && this.#markOne(one)) taken.push(one);
      } while (next < chosen.length && taken.length < runsAtOnce && clock.monotonic() < deadlineMs);
      return ok({ taken, next });
    });
  }

  #markOne({ one, because }: Chosen<RunCandidate>): boolean {
    const { store, clock } = this.#parts;
    const { id } = one.run;
    const now = clock.now();
    if (store.runs.get(id) === undefined || !isFreeToGo(store, id, now)) return false;
    store.retention.mark(id, now, because);
    this.#deleteSome(id);
    return true;
  }

  /** Within a change: some rows of a run, and the run with the last of them. False when there are more. */
  #deleteSome(id: RunId): boolean {
    const { retention } = this.#parts.store;
    if (retention.deleteSteps(id, stepsAtOnce) === stepsAtOnce) return false;
    retention.deleteRun(id);
    return true;
  }

  /** Removes what is left of runs that are marked. */
  async #clear(ids: readonly RunId[]): Promise<Result<void, Failure>> {
    if (ids.length === 0) return ok(undefined);
    const { store, write, pool, runsDir } = this.#parts;
    for (const id of ids) {
      let isGone = store.runs.get(id) === undefined;
      while (!isGone) {
        const deleted = await write(() => ok(this.#deleteSome(id)));
        if (!deleted.ok) return deleted;
        isGone = deleted.value;
      }
    }
    const directories = ids.map((id) => join(runsDir, id));
    const removed = await pool.do("removeRuns", { directories }, { urgency: "upkeep" });
    if (!removed.ok) return removed;
    const stuck = this.#tell(removed.value);
    return write(() => {
      for (const [index, id] of ids.entries()) {
        if (!stuck.has(directories[index] ?? "")) store.retention.done(id);
      }
      return ok(undefined);
    });
  }

  async #strip(ids: readonly RunId[]): Promise<Result<void, Failure>> {
    if (ids.length === 0) return ok(undefined);
    const { pool, runsDir } = this.#parts;
    const directories = ids.map((id) => join(runsDir, id));
    const stripped = await pool.do("stripRuns", { directories }, { urgency: "upkeep" });
    if (!stripped.ok) return stripped;
    this.#tell(stripped.value);
    return weigh(this.#parts, ids);
  }

  /** The directories that something is left of. */
  #tell(stuck: readonly Stuck[]): ReadonlySet<string> {
    for (const each of stuck) this.#parts.stuck(each);
    return new Set(stuck.map(({ directory }) => directory));
  }
}
