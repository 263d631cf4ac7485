import type { RunState } from "../domain/run.ts";

/** What ran under one name; times are ms, sizes bytes. */
export interface NameFigures {
  readonly name: string;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Of all its attempts together. */
  readonly tookMs: number;
  readonly peakNeedBytes?: number;
  readonly recipe?: string;
  readonly schedule?: string;
}

/** What is counted of one ended run. */
export interface CountedRun {
  readonly name: string;
  readonly state: Extract<RunState, "succeeded" | "failed" | "cancelled">;
  readonly tookMs: number;
  readonly peakNeedBytes?: number | undefined;
  readonly recipe?: string | undefined;
  readonly schedule?: string | undefined;
}

/** Counts ended runs by their names. */
export class Names {
  readonly #names = new Map<string, NameFigures>();

  add(run: CountedRun): void {
    const known = this.#names.get(run.name);
    const peak = Math.max(known?.peakNeedBytes ?? 0, run.peakNeedBytes ?? 0);
    const recipe = run.recipe ?? known?.recipe;
    const schedule = run.schedule ?? known?.schedule;
    this.#names.set(run.name, {
      name: run.name,
      succeeded: (known?.succeeded ?? 0) + Number(run.state === "succeeded"),
      failed: (known?.failed ?? 0) + Number(run.state === "failed"),
      cancelled: (known?.cancelled ?? 0) + Number(run.state === "cancelled"),
      tookMs: (known?.tookMs ?? 0) + run.tookMs,
      ...(peak > 0 && { peakNeedBytes: peak }),
      ...(recipe !== undefined && { recipe }),
      ...(schedule !== undefined && { schedule }),
    });
  }

  /** Those that took most of the box's time first. */
  longest(count: number): { readonly names: NameFigures[]; readonly more: number } {
    const all = [...this.#names.values()].sort((a, b) => b.tookMs - a.tookMs);
    return { names: all.slice(0, count), more: Math.max(0, all.length - count) };
  }

  /** How runs ended, all names together. */
  totals(): Pick<NameFigures, "succeeded" | "failed" | "cancelled"> {
    const totals = { succeeded: 0, failed: 0, cancelled: 0 };
    for (const { succeeded, failed, cancelled } of this.#names.values()) {
      totals.succeeded += succeeded;
      totals.failed += failed;
      totals.cancelled += cancelled;
    }
    return totals;
  }
}
