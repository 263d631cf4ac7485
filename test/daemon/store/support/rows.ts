import type { AttemptRow } from "../../../../daemon/store/attempts.ts";
import type { RunRow } from "../../../../daemon/store/runs.ts";
import type { Store } from "../../../../daemon/store/store.ts";
import { isAttemptId, isRunId, type AttemptId, type RunId } from "../../../../daemon/domain/ids.ts";
import type { Plan } from "../../../../daemon/domain/plan.ts";
import type { Failure } from "../../../../daemon/domain/failure.ts";
import { aPlan } from "../../../support/plans.ts";
import { ok, type Result } from "../../../../daemon/domain/result.ts";

/** A plan of the one step `main`. */
export const plan: Plan = aPlan({
  claims: { cpus: 1, gpus: 0, vramBytes: 0, pools: {}, locks: [] },
});
export const environment = { PATH: "/usr/bin", GREETING: "grüß\nGott" };

/** The n-th run id, in order of n. */
export function runId(n: number): RunId {
  const id = `run_${n.toString(10).padStart(12, "0")}`;
  if (!isRunId(id)) throw new Error(id);
  return id;
}

/** The n-th attempt id, in order of n. */
export function attemptId(n: number): AttemptId {
  const id = `att_${n.toString(10).padStart(12, "0")}`;
  if (!isAttemptId(id)) throw new Error(id);
  return id;
}

/** A queued run; created at n seconds. */
export function aRun(n: number, differently: Partial<RunRow> = {}): RunRow {
  return {
    id: runId(n),
    name: "train",
    state: "queued",
    planDigest: "plan-1",
    environmentDigest: "environment-1",
    priority: 0,
    bodyDigest: "body-1",
    createdAt: n * 1000,
    failFast: false,
    pinned: false,
    ...differently,
  };
}

/** A starting attempt at step `main` of run n. */
export function anAttempt(n: number, differently: Partial<AttemptRow> = {}): AttemptRow {
  return {
    id: attemptId(n),
    runId: runId(n),
    step: "main",
    number: 1,
    state: "starting",
    containment: "systemd",
    bootId: "b007",
    directory: `/state/runs/${n}/main/1`,
    limitBytes: 1024 ** 3,
    limitOrigin: { kind: "default" },
    createdAt: n * 1000,
    ...differently,
  };
}

/** Writes, and fails the test unless that was kept. */
export async function keep(store: Store, change: () => void): Promise<void> {
  const result = await store.write(() => {
    change();
    return ok(undefined);
  });
  unwrap(result);
}

/** Inserts a run with its one ready step and its place in the queue. */
export function insertReadyRun(store: Store, run: RunRow): void {
  store.runs.insert(run, plan, environment);
  store.steps.insert(run.id, "main", "ready");
  store.ready.insert({
    runId: run.id,
    step: "main",
    priority: run.priority,
    weight: 1,
    notBeforeAt: 0,
    passedOver: 0,
  });
}

/** The value of a result that must be good. */
export function unwrap<T>(result: Result<T, Failure>): T {
  if (!result.ok) throw new Error(`${result.error.reason}: ${result.error.message}`);
  return result.value;
}

/** The failure of a result that must be one. */
export function failureOf(result: Result<unknown, Failure>): Failure {
  if (result.ok) throw new Error("expected a failure");
  return result.error;
}
