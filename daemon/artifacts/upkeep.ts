import { readdirSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { TurnTaking } from "../base/turn-taking.ts";
import type { Failure } from "../domain/failure.ts";
import { ok, type Result } from "../domain/result.ts";
import type { CacheTotals } from "../store/cache.ts";
import { clear, measure, rowsOf, sweep, type UpkeepParts } from "./cleaning.ts";
import type { Rotten, Verified } from "./jobs.ts";
import type { PruneRule } from "./prune-rule.ts";
import { Pruning, type Pruned } from "./pruning.ts";

/** The cache in figures. */
export interface CacheStats extends CacheTotals {
  /** What all artifacts take of the disk; what they share counts once. */
  readonly storedBytes: number;
}

/** What files outside held is forgotten after this: whoever asks again reads them again. */
const digestsKeptMs = 90 * 86_400_000;

/**
 * Keeps the artifact store in order: makes room, looks for rot, removes what a crash left. One such thing
 * at a time; runs go on meanwhile.
 */
export class Upkeep {
  readonly #parts: UpkeepParts;
  readonly #turns = new TurnTaking();

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
  }

  async stats(): Promise<Result<CacheStats, Failure>> {
    const stored = await measure(this.#parts);
    if (!stored.ok) return stored;
    return ok({ ...this.#parts.store.cache.totals(), storedBytes: stored.value });
  }

  /** Removes artifacts as the rule says, never one that a live or pinned run needs. */
  prune(rule: PruneRule, dryRun: boolean): Promise<Result<Pruned, Failure>> {
    return this.#turns.inTurn(() => new Pruning(this.#parts, rule).run(dryRun));
  }

  /**
   * Reads every artifact. What is not as it was made, or not there, goes, and with it the results that it
   * was: they are made again when they are asked for.
   */
  verify(): Promise<Result<Verified, Failure>> {
    return this.#turns.inTurn(() => this.#verify());
  }

  /** Removes what no record speaks of: a daemon died between making it and saying so. */
  tidy(): Promise<Result<undefined, Failure>> {
    return this.#turns.inTurn(() => this.#tidy());
  }

  /** Resolves when nothing is under way any more; the pool has been stopped. */
  settled(): Promise<void> {
    return this.#turns.settled();
  }

  async #verify(): Promise<Result<Verified, Failure>> {
    const { pool, artifacts, store } = this.#parts;
    const { directory } = artifacts.place;
    const verified = await pool.do("verify", { directory }, { urgency: "upkeep" });
    if (!verified.ok) return verified;
    const missing: Rotten[] = [];
    for await (const { digest } of rowsOf(store)) {
      if (artifacts.has(digest)) continue;
      missing.push({ digest, why: "it is not in the artifact directory" });
    }
    const known = new Set(verified.value.rotten.map(({ digest }) => digest));
    const rotten = [
      ...verified.value.rotten,
      ...missing.filter(({ digest }) => !known.has(digest)),
    ];
    const forgotten = await store.write(() => {
      for (const { digest } of rotten) store.artifacts.delete(digest);
      return ok(undefined);
    });
    if (!forgotten.ok) return forgotten;
    // Wrong bytes are worse than none: even a run that needs them loses them.
    for (const { digest } of rotten) await artifacts.remove(digest);
    const swept = await sweep(this.#parts);
    return swept.ok ? ok({ ...verified.value, rotten }) : swept;
  }

  async #tidy(): Promise<Result<undefined, Failure>> {
    const { pool, artifacts, store, clock } = this.#parts;
    const { directory, kept } = artifacts.place;
    const forgotten = await store.write(() => {
      store.fileDigests.forgetBefore(clock.now() - digestsKeptMs);
      return ok(undefined);
    });
    if (!forgotten.ok || readdirSync(kept).length === 0) return forgotten;
    const there = await pool.do("inventory", { directory }, { urgency: "upkeep" });
    if (!there.ok) return there;
    for (const digest of there.value) {
      await setImmediate();
      if (store.artifacts.neededBy(digest) !== undefined) continue;
      const cleared = await clear(this.#parts, digest);
      if (!cleared.ok) return cleared;
    }
    const swept = await sweep(this.#parts);
    return swept.ok ? ok(undefined) : swept;
  }
}
