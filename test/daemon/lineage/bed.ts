import type { LineageRead } from "../../../daemon/domain/lineage.ts";
import type { Step } from "../../../daemon/domain/plan.ts";
import { systemClock } from "../../../daemon/base/clock.ts";
import { recordReads, recordWrite, type StepResult } from "../../../daemon/lineage/record.ts";
import { aPlan } from "../../support/plans.ts";
import { aRun, anAttempt, attemptId, environment, keep, runId } from "../store/support/rows.ts";
import { openStore } from "../store/support/scratch.ts";

/** A digest that a reader of the test can tell apart: `a1` fills it. */
export function digest(word: string): string {
  return word.repeat(64).slice(0, 64);
}

/** What a step of a test read: `data` from `split`, or from a path. */
export function read(input: string, artifact: string, from?: string): LineageRead {
  const [fromStep, fromPath] = from?.startsWith("/") === true ? [undefined, from] : [from];
  return {
    input,
    artifact: digest(artifact),
    kind: "table",
    ...(fromStep !== undefined && { fromStep }),
    ...(fromPath !== undefined && { fromPath }),
  };
}

/** Runs with what their steps read and wrote. */
export class LineageBed {
  readonly store = openStore();
  readonly books = { store: this.store, clock: systemClock };

  /** A run of these steps, which has its attempts at numbers from `100 * n`. */
  async run(n: number, ...steps: readonly Partial<Step>[]): Promise<void> {
    const { store } = this;
    const [first = {}, ...others] = steps;
    const plan = aPlan(first, ...others);
    await keep(store, () => {
      const planDigest = `plan-${n}`;
      store.runs.insert(aRun(n, { planDigest, state: "running" }), plan, environment);
      for (const [i, { name }] of plan.steps.entries()) {
        store.steps.insert(runId(n), name, "succeeded");
        const [id, at] = [attemptId(100 * n + i), n * 10_000];
        store.attempts.insert(anAttempt(n, { id, step: name, createdAt: at }));
        store.attempts.started(id, at);
        const peaks = { needBytes: 100, oomEvents: 0, oomKills: 0, rodeLimit: false, leftovers: 0 };
        store.attempts.ended(id, { at: at + 5000, outcome: { cause: "succeeded" }, peaks });
      }
    });
  }

  /** What a step of run n read and, unless nothing, wrote. */
  async record(
    n: number,
    step: string,
    reads: readonly LineageRead[],
    artifact?: string,
    more: Partial<StepResult> = {},
  ): Promise<void> {
    const place = { runId: runId(n), step };
    const plan = this.store.runs.plan(runId(n));
    const planned = plan?.steps.find(({ name }) => name === step) ?? plan?.steps[0];
    if (planned === undefined) throw new Error(`run ${n} has no plan`);
    await keep(this.store, () => {
      recordReads(this.books, place, reads);
      if (artifact === undefined) return;
      const written = { artifact: digest(artifact), kind: "table", key: `key of ${step}` };
      const own = more.cachedFrom === undefined ? { attemptId: this.attemptOf(n, step) } : {};
      recordWrite(this.books, place, planned, { ...written, ...own, ...more });
    });
  }

  attemptOf(n: number, step: string): ReturnType<typeof attemptId> {
    const attempt = this.store.attempts.newestOf(runId(n), step);
    if (attempt === undefined) throw new Error(`nobody tried ${step}`);
    return attempt.id;
  }
}
