import type { RunEnd } from "../domain/run.ts";
import type { EndedRun } from "../store/reports.ts";

/** Runs of one name that ended in one way. */
export interface FailureGroup {
  readonly name: string;
  /** One word: the outcome's cause, or the decision. */
  readonly cause: string;
  readonly count: number;
  /** The last of them. */
  readonly newest: EndedRun & { readonly end: RunEnd };
  /** A later run of the name ended well: nobody has to do anything. */
  readonly recovered: boolean;
}

interface Group {
  count: number;
  newest: FailureGroup["newest"];
}

/** Groups failures as they are added, in the order in which runs ended. */
export class Failures {
  readonly #groups = new Map<string, Group>();
  /** When a name ended well last. */
  readonly #goodAt = new Map<string, number>();

  add(run: EndedRun): void {
    const { name, state, end, endedAt } = run;
    if (state === "succeeded") this.#goodAt.set(name, endedAt);
    if (state !== "failed" || end === undefined) return;
    const key = JSON.stringify([name, causeOf(end)]);
    const known = this.#groups.get(key);
    this.#groups.set(key, { count: (known?.count ?? 0) + 1, newest: { ...run, end } });
  }

  /** What needs somebody first, then the newest. */
  groups(): FailureGroup[] {
    const groups = [...this.#groups.values()].map(({ count, newest }) => ({
      name: newest.name,
      cause: causeOf(newest.end),
      count,
      newest,
      recovered: (this.#goodAt.get(newest.name) ?? -1) >= newest.endedAt,
    }));
    return groups.sort(
      (a, b) => Number(a.recovered) - Number(b.recovered) || b.newest.endedAt - a.newest.endedAt,
    );
  }
}

/** What a name's failures have in common, in one word; an exit code counts, a limit does not. */
export function causeOf(end: RunEnd): string {
  if (end.kind !== "outcome") return end.kind;
  const { outcome } = end;
  if (outcome.cause === "failed") return `exit ${outcome.exitCode}`;
  return outcome.cause === "killed-from-outside" ? `killed by ${outcome.by}` : outcome.cause;
}

/**
 * How many names have failed and not recovered (what only followed from another's failure is not one), or are
 * schedules that rest after failures or could not start what they are to start.
 */
export function needingSomebody(
  groups: readonly FailureGroup[],
  paused: readonly { readonly name: string }[],
  refused: readonly string[],
): number {
  const open = groups.filter(
    ({ recovered, newest }) => !recovered && newest.end.kind !== "needed-run-failed",
  );
  return new Set([...[...open, ...paused].map(({ name }) => name), ...refused]).size;
}
