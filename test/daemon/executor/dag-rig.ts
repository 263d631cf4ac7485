import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { RunId } from "../../../daemon/domain/ids.ts";
import type { Plan, Step } from "../../../daemon/domain/plan.ts";
import type { SubmitPlanRequest } from "../../../daemon/scheduler/scheduler.ts";
import { aPlan } from "../../support/plans.ts";
import { QueueRig, type StagedAttempt } from "../scheduler/queue-rig.ts";
import { unwrap } from "../store/support/rows.ts";

/** A step that leaves something, under a calibration key of its own. */
export function maker(name: string, more: Partial<Step> = {}): Partial<Step> {
  return {
    name,
    stage: { name, version: "1" },
    argv: ["/bin/true"],
    cache: "use",
    output: { kind: "text", files: [] },
    ...more,
  };
}

/** An input: what that step leaves. */
export function from(step: string, optional = false): Step["inputs"][string] {
  return { kind: "text", from: { step, ...(optional && { optional }) } };
}

/** A whole queue over staged attempts, with plans to submit. */
export class DagRig extends QueueRig {
  /** Names of the steps that were started, in order. */
  readonly started: string[] = [];

  async submitPlan(
    steps: readonly [Partial<Step>, ...Partial<Step>[]],
    more: Partial<SubmitPlanRequest> = {},
  ): Promise<RunId> {
    const [first, ...others] = steps;
    return this.submitWhole(aPlan(first, ...others), more);
  }

  async submitWhole(plan: Plan, more: Partial<SubmitPlanRequest> = {}): Promise<RunId> {
    const submitted = await this.scheduler.submitPlan({
      ...{ plan, env: {}, priority: 0, needs: [], after: [], failFast: false },
      ...more,
    });
    return unwrap(submitted).id;
  }

  /** The step that an attempt is of. */
  stepOf(attempt: StagedAttempt): string {
    return this.store.attempts.get(attempt.attemptId)?.step ?? "";
  }

  /** The next attempt to start, and the step it is of. */
  async nextStep(): Promise<{ name: string; attempt: StagedAttempt }> {
    const attempt = await this.launcher.next();
    const name = this.stepOf(attempt);
    this.started.push(name);
    return { name, attempt };
  }

  /** Lets an attempt write this into its output directory, and end well. */
  leave(attempt: StagedAttempt, files: Readonly<Record<string, string>>): void {
    for (const [file, text] of Object.entries(files)) {
      const whole = path.join(attempt.spec.directory, "out", file);
      mkdirSync(path.dirname(whole), { recursive: true });
      writeFileSync(whole, text);
    }
    attempt.exit(0);
  }

  /** Resolves once the run is over. */
  async over(id: RunId): Promise<void> {
    const isOver = (): boolean => this.store.runs.get(id)?.endedAt !== undefined;
    while (!isOver()) {
      await new Promise<void>((resolve) => {
        const stop = this.events.onAppend(() => {
          stop();
          resolve();
        });
        if (isOver()) resolve();
      });
    }
  }

  /** Starts steps as they come and ends each as `ending` says, until the run is over. */
  async play(
    id: RunId,
    ending: (name: string, attempt: StagedAttempt) => void = (_name, attempt) => {
      this.leave(attempt, { "out.txt": this.stepOf(attempt) });
    },
  ): Promise<void> {
    const over = this.over(id).then(() => undefined);
    for (;;) {
      const next = await Promise.race([over, this.nextStep()]);
      if (next === undefined) return;
      ending(next.name, next.attempt);
    }
  }

  /** State of every step of a run, by name. */
  states(id: RunId): Record<string, string> {
    return Object.fromEntries(this.store.steps.of(id).map(({ name, state }) => [name, state]));
  }
}
