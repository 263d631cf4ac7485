import type { WaitReason } from "../domain/reservation.ts";

/** A run and how long it waited for its first attempt. */
export interface Waited {
  readonly runId: string;
  readonly name: string;
  readonly from: number;
  readonly until: number;
}

/** How long runs waited; ms. */
export interface WaitFigures {
  readonly count: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly longest: Waited;
}

/** Counts how long runs waited: of each the length alone is kept. */
export class Waits {
  readonly #lengths: number[] = [];
  #longest: Waited | undefined;

  add(waited: Waited): void {
    this.#lengths.push(lengthOf(waited));
    if (this.#longest === undefined || lengthOf(waited) >= lengthOf(this.#longest)) {
      this.#longest = waited;
    }
  }

  /** Undefined when no run waited for anything. */
  figures(): WaitFigures | undefined {
    if (this.#longest === undefined) return undefined;
    const ordered = Float64Array.from(this.#lengths).sort();
    return {
      count: ordered.length,
      medianMs: quantile(ordered, 0.5),
      p95Ms: quantile(ordered, 0.95),
      longest: this.#longest,
    };
  }
}

/** The smallest of ordered numbers that so large a share of them does not exceed. */
export function quantile(ordered: ArrayLike<number>, share: number): number {
  return ordered[Math.max(0, Math.ceil(share * ordered.length) - 1)] ?? 0;
}

/** The word that stands there most often, the last of equals; undefined when there is none. */
export function mainReason(reasons: readonly WaitReason[]): WaitReason | undefined {
  const counts = new Map<WaitReason, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => a - b).at(-1)?.[0];
}

function lengthOf({ from, until }: Waited): number {
  return Math.max(0, until - from);
}
