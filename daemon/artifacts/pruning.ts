import { setImmediate } from "node:timers/promises";
import type { Failure } from "../domain/failure.ts";
import { ok, type Result } from "../domain/result.ts";
import type { ArtifactRow } from "../store/artifacts.ts";
import { clear, measure, rowsAtOnce, rowsOf, sweep, type UpkeepParts } from "./cleaning.ts";
import { Needs } from "./needs.ts";
import { chosen, type Candidate, type PruneRule } from "./prune-rule.ts";

/** What pruning removed, or would remove. */
export interface Pruned {
  /** The one longest not used first. */
  readonly removed: readonly ArtifactRow[];
  readonly freedBytes: number;
  /** What is left on the disk. */
  readonly storedBytes: number;
  /** Those that would have gone, but a live or pinned run needs them. */
  readonly needed: number;
}

type Found = Omit<Candidate, "frees">;

/** One pruning, from the look at what is there to the last removal. */
export class Pruning {
  readonly #parts: UpkeepParts;
  readonly #needs: Needs;
  readonly #rule: PruneRule;
  readonly #cutoffAt: number;

  constructor(parts: UpkeepParts, rule: PruneRule) {
    this.#parts = parts;
    this.#needs = new Needs(parts.store);
    this.#rule = rule;
    this.#cutoffAt = parts.clock.now() - (rule.olderThanMs ?? Infinity);
  }

  async run(dryRun: boolean): Promise<Result<Pruned, Failure>> {
    const stored = await measure(this.#parts);
    if (!stored.ok) return stored;
    const rows = await this.#candidates();
    // After the rows: whatever is needed since then has been used since then, and its row tells.
    await this.#needs.read();
    const weighed = await this.#weigh(await this.#judged(rows));
    if (!weighed.ok) return weighed;
    const rule = { cutoffAt: this.#cutoffAt, maxBytes: this.#rule.maxBytes };
    const { remove, needed } = chosen(weighed.value, rule, stored.value);
    if (!dryRun) return this.#remove(remove, needed);
    const freedBytes = remove.reduce((sum, { frees }) => sum + frees, 0);
    const removed = remove.map(({ row }) => row);
    return ok({ removed, freedBytes, storedBytes: stored.value - freedBytes, needed });
  }

  /** Those that the rule may come to. */
  async #candidates(): Promise<ArtifactRow[]> {
    const before = this.#rule.maxBytes === undefined ? this.#cutoffAt : Infinity;
    const found: ArtifactRow[] = [];
    for await (const row of rowsOf(this.#parts.store)) {
      if (row.lastUsedAt >= before) break;
      found.push(row);
    }
    return found;
  }

  async #judged(rows: readonly ArtifactRow[]): Promise<Found[]> {
    const found: Found[] = [];
    for (const row of rows) {
      if (found.length % rowsAtOnce === 0) await setImmediate();
      found.push({ row, isNeeded: this.#isNeeded(row) });
    }
    return found;
  }

  #isNeeded(row: ArtifactRow): boolean {
    const { artifacts, store } = this.#parts;
    return (
      artifacts.isFresh(row.digest, row.lastUsedAt) ||
      store.artifacts.neededBy(row.digest) !== undefined ||
      this.#needs.has(row.digest)
    );
  }

  async #weigh(found: readonly Found[]): Promise<Result<readonly Candidate[], Failure>> {
    const { pool, artifacts } = this.#parts;
    const { directory } = artifacts.place;
    const digests = found.filter(({ isNeeded }) => !isNeeded).map(({ row }) => row.digest);
    const weighed = await pool.do("weigh", { directory, digests }, { urgency: "upkeep" });
    if (!weighed.ok) return weighed;
    const frees = new Map(digests.map((digest, index) => [digest, weighed.value[index] ?? 0]));
    return ok(found.map((one) => ({ ...one, frees: frees.get(one.row.digest) ?? 0 })));
  }

  async #remove(choice: readonly Candidate[], needed: number): Promise<Result<Pruned, Failure>> {
    const removed: ArtifactRow[] = [];
    for (let from = 0; from < choice.length; from += rowsAtOnce) {
      const gone = await this.#removeRows(choice.slice(from, from + rowsAtOnce));
      if (!gone.ok) return gone;
      removed.push(...gone.value);
    }
    const freed = await sweep(this.#parts);
    if (!freed.ok) return freed;
    const left = await measure(this.#parts);
    if (!left.ok) return left;
    return ok({ removed, freedBytes: freed.value, storedBytes: left.value, needed });
  }

  /** Takes them off record, each looked at once more, then from the disk. */
  async #removeRows(
    choice: readonly Candidate[],
  ): Promise<Result<readonly ArtifactRow[], Failure>> {
    const { store } = this.#parts;
    const gone = await store.write(() =>
      ok(choice.map(({ row }) => row).filter((row) => this.#forget(row))),
    );
    if (!gone.ok) return gone;
    for (const { digest } of gone.value) {
      const cleared = await clear(this.#parts, digest);
      if (!cleared.ok) return cleared;
    }
    return gone;
  }

  /** Inside a change. One that was used since it was chosen stays. */
  #forget(row: ArtifactRow): boolean {
    const { artifacts } = this.#parts.store;
    const now = artifacts.get(row.digest);
    if (now?.lastUsedAt !== row.lastUsedAt || this.#isNeeded(row)) return false;
    return artifacts.delete(row.digest);
  }
}
