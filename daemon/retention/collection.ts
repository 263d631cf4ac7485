import type { Upkeep } from "../artifacts/upkeep.ts";
import type { RetentionPolicy } from "../config/config.ts";
import type { Failure } from "../domain/failure.ts";
import type { Allowance, RetentionRule } from "../domain/retention.ts";
import { ok, type Result } from "../domain/result.ts";
import type { RunTotals } from "../store/retention.ts";
import type { Chosen, Spared } from "./choice.ts";
import { dropEvents, eventCut, type EventCut } from "./events.ts";
import { Removal, type RemovalParts } from "./removal.ts";
import { shrink } from "./shrink.ts";
import { survey, type RunCandidate } from "./survey.ts";
import { removeOrphans, sweepLineage } from "./sweep.ts";
import { weighNew } from "./weighing.ts";

/** What a collection works on. */
export interface CollectionParts extends RemovalParts {
  readonly upkeep: Upkeep;
  /** The daemon stops: whatever is under way ends with the page or the change that it is at. */
  readonly stopping: AbortSignal;
  /** By how much the clock is ahead of what is believed: nothing is older for that. */
  readonly doubtMs: number;
}

/** What a person asks to be collected, instead of what the configuration says. */
export interface CollectWish {
  readonly olderThanMs?: number | undefined;
  /** Ended runs that may stay. */
  readonly keep?: number | undefined;
  /** What their directories may take of the disk. */
  readonly maxBytes?: number | undefined;
}

/** What was collected, or would be. */
export interface Collected {
  readonly runs: readonly Chosen<RunCandidate>[];
  /** Of runs that stay. */
  readonly logs: readonly Chosen<RunCandidate>[];
  readonly spared: readonly Spared<RunCandidate>[];
  readonly events: number;
  readonly artifacts: number;
  /** Of the disk, by the runs, the logs and the artifacts. */
  readonly freedBytes: number;
  /** What stays of ended runs. */
  readonly left: RunTotals;
  /** By so much the clock has leapt ahead lately; ages were counted without it. */
  readonly doubtMs: number;
}

const nothing: Allowance = { ageMs: Infinity, count: Infinity, bytes: Infinity };
const noEvents: EventCut = { upTo: 0, count: 0 };
/** The history of the box is kept so long. */
const minutesKeptMs = 90 * 86_400_000;
/** Rows of it that one change drops. */
const minutesAtOnce = 2000;

/** One collection, from the look at what is there to the last removal. */
export class Collection {
  readonly #parts: CollectionParts;
  readonly #policy: RetentionPolicy;
  readonly #wish: CollectWish;
  readonly #isByPolicy: boolean;
  readonly #removal: Removal;

  constructor(parts: CollectionParts, policy: RetentionPolicy, wish: CollectWish) {
    this.#parts = parts;
    this.#policy = policy;
    this.#wish = wish;
    this.#isByPolicy = Object.values(wish).every((word) => word === undefined);
    this.#removal = new Removal(parts);
  }

  /** Says what would go. Only what runs left is looked at and noted on the way. */
  async plan(): Promise<Result<Collected, Failure>> {
    const { store, clock, doubtMs } = this.#parts;
    const weighed = await weighNew(this.#parts);
    if (!weighed.ok) return weighed;
    const found = await survey(this.#parts, this.#rule(), clock.now());
    const cut = await this.#eventCut();
    const pruned = await this.#prune(true);
    if (!pruned.ok) return pruned;
    const freed = bytesOf(found.runs) + bytesOf(found.logs);
    const totals = store.retention.totals();
    return ok({
      ...found,
      events: cut.count,
      artifacts: pruned.value.removed,
      freedBytes: freed + pruned.value.freedBytes,
      left: without(totals, found),
      doubtMs,
    });
  }

  /** Takes what goes. */
  async run(): Promise<Result<Collected, Failure>> {
    const { store, clock, doubtMs } = this.#parts;
    const ready = await this.#makeReady();
    if (!ready.ok) return ready;
    const found = await survey(this.#parts, this.#rule(), clock.now());
    const runs = await this.#removal.runs(found.runs);
    if (!runs.ok) return runs;
    const logs = await this.#removal.logs(found.logs);
    if (!logs.ok) return logs;
    const cut = await this.#eventCut();
    const dropped = await dropEvents(this.#parts, cut);
    if (!dropped.ok) return dropped;
    const trimmed = await this.#trimMinutes();
    if (!trimmed.ok) return trimmed;
    const pruned = await this.#prune(false);
    if (!pruned.ok) return pruned;
    const swept = await this.#sweep(runs.value.length + pruned.value.removed > 0);
    if (!swept.ok) return swept;
    const freed = bytesOf(runs.value) + bytesOf(logs.value);
    return ok({
      ...{ runs: runs.value, logs: logs.value, spared: found.spared },
      events: cut.count,
      artifacts: pruned.value.removed,
      freedBytes: freed + pruned.value.freedBytes,
      left: store.retention.totals(),
      doubtMs,
    });
  }

  async #makeReady(): Promise<Result<void, Failure>> {
    const finished = await this.#removal.finish();
    if (!finished.ok) return finished;
    const orphans = await removeOrphans(this.#parts, this.#policy.runs.ageMs + this.#parts.doubtMs);
    return orphans.ok ? weighNew(this.#parts) : orphans;
  }

  /** What nothing leads back to any more, and pages of the database that hold nothing. */
  async #sweep(isNeeded: boolean): Promise<Result<void, Failure>> {
    const swept = isNeeded ? await sweepLineage(this.#parts) : ok(undefined);
    return swept.ok ? shrink(this.#parts) : swept;
  }

  /** What nobody will look at any more of how the box was. */
  async #trimMinutes(): Promise<Result<void, Failure>> {
    const { store, write, clock, doubtMs } = this.#parts;
    const beforeAt = clock.now() - minutesKeptMs - doubtMs;
    while (this.#isByPolicy) {
      const trimmed = await write(() => ok(store.boxMinutes.trim(beforeAt, minutesAtOnce)));
      if (!trimmed.ok) return trimmed;
      if (trimmed.value < minutesAtOnce) break;
    }
    return ok(undefined);
  }

  #rule(): RetentionRule {
    const { doubtMs } = this.#parts;
    const { runs, logs, keepLast } = this.#policy;
    if (this.#isByPolicy)
      return { runs: later(runs, doubtMs), logs: later(logs, doubtMs), keepLast };
    const { olderThanMs = Infinity, keep = Infinity, maxBytes = Infinity } = this.#wish;
    const asked = { ageMs: olderThanMs, count: keep, bytes: maxBytes };
    return { runs: later(asked, doubtMs), logs: nothing, keepLast };
  }

  async #eventCut(): Promise<EventCut> {
    const { store, clock, doubtMs } = this.#parts;
    if (!this.#isByPolicy) return noEvents;
    return eventCut(store, later(this.#policy.events, doubtMs), clock.now());
  }

  async #prune(
    dryRun: boolean,
  ): Promise<Result<{ readonly removed: number; readonly freedBytes: number }, Failure>> {
    const { ageMs, bytes } = later(this.#policy.cache, this.#parts.doubtMs);
    const isLimited = this.#isByPolicy && (ageMs !== Infinity || bytes !== Infinity);
    if (!isLimited) return ok({ removed: 0, freedBytes: 0 });
    const rule = {
      ...(ageMs !== Infinity && { olderThanMs: ageMs }),
      ...(bytes !== Infinity && { maxBytes: bytes }),
    };
    const pruned = await this.#parts.upkeep.prune(rule, dryRun);
    if (!pruned.ok) return pruned;
    return ok({ removed: pruned.value.removed.length, freedBytes: pruned.value.freedBytes });
  }
}

/** The same, for what is so much older than its age. */
function later<T extends Pick<Allowance, "ageMs">>(allowance: T, ms: number): T {
  return { ...allowance, ageMs: allowance.ageMs + ms };
}

function bytesOf(chosen: readonly Chosen<RunCandidate>[]): number {
  return chosen.reduce((sum, { one }) => sum + one.bytes, 0);
}

/** What is left once these are gone. */
function without(totals: RunTotals, { runs, logs }: Pick<Collected, "runs" | "logs">): RunTotals {
  const taken = [...runs, ...logs].map(({ one }) => one.run);
  const sum = (of: (run: RunCandidate["run"]) => number): number =>
    taken.reduce((all, run) => all + of(run), 0);
  const ofRuns = runs.reduce((all, { one }) => all + one.run.historyBytes, 0);
  return {
    runs: totals.runs - runs.length,
    logs: totals.logs - sum(({ logBytes }) => (logBytes > 0 ? 1 : 0)),
    logBytes: totals.logBytes - sum(({ logBytes }) => logBytes),
    historyBytes: totals.historyBytes - ofRuns,
  };
}
