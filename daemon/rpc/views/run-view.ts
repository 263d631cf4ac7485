import { limitSentence } from "../../broker/sentences.ts";
import type { RunId } from "../../domain/ids.ts";
import type { Plan, Step } from "../../domain/plan.ts";
import { wordText } from "../../domain/word.ts";
import type { Wait } from "../../domain/reservation.ts";
import { isFinal } from "../../domain/run.ts";
import type { MethodResult } from "../../protocol/methods.ts";
import type { AttemptRow } from "../../store/attempts.ts";
import type { RunRow } from "../../store/runs.ts";
import type { StepRow } from "../../store/steps.ts";
import { commandLine } from "./command-line.ts";
import type { RpcContext } from "../context.ts";
import { runSentence } from "./sentences.ts";

type RunSummary = MethodResult<"run.list">["runs"][number];
type RunDetail = MethodResult<"run.get">;

/** One row of a list of runs. */
export function runSummary(context: RpcContext, run: RunRow): RunSummary {
  const { store } = context;
  return summaryOf(
    context,
    run,
    planOf(context, run.id),
    store.steps.of(run.id),
    store.attempts.newestOf(run.id),
  );
}

/** A run with its steps and every attempt. */
export function runDetail(context: RpcContext, run: RunRow): RunDetail {
  const { store, clock, config } = context;
  const plan = planOf(context, run.id);
  const steps = store.steps.of(run.id);
  const attempts = store.attempts.ofRun(run.id);
  const newest = attempts.at(-1);
  const waits = store.waits.of(run.id);
  const details = plan.steps.map((step) => stepDetail(context, run, step, steps));
  const wait = details.find((step) => step.wait !== undefined)?.wait;
  const { softMs, hardMs } = plan.steps[0].timeouts;
  return {
    ...summaryOf(context, run, plan, steps, newest),
    containment: newest?.containment ?? config.containment,
    needs: waits.filter(({ kind }) => kind === "needs").map(({ onRunId }) => onRunId),
    after: waits.filter(({ kind }) => kind === "after").map(({ onRunId }) => onRunId),
    ...(run.dedupeKey !== undefined && { dedupeKey: run.dedupeKey }),
    ...(hardMs !== undefined && { timeoutMs: hardMs }),
    ...(softMs !== undefined && { softTimeoutMs: softMs }),
    ...(run.retriedFrom !== undefined && { retriedFrom: run.retriedFrom }),
    sentence: runSentence(run, { attempt: newest, wait, now: clock.now() }),
    steps: details,
    history: attempts.map((attempt) => attemptView(context, attempt)),
  };
}

/** How a run stands or ended, in words. */
export function standingOf(context: RpcContext, run: RunRow): string {
  const attempt = context.store.attempts.newestOf(run.id);
  const wait = firstWait(context, run);
  return runSentence(run, { attempt, wait, now: context.clock.now() });
}

/** Why a run is not running, if it is not. */
export function firstWait(context: RpcContext, run: RunRow): Wait | undefined {
  if (isFinal(run.state)) return undefined;
  for (const step of planOf(context, run.id).steps) {
    const wait = context.scheduler.waitOf(run.id, step.name);
    if (wait !== undefined) return wait;
  }
  return undefined;
}

/** The plan of a run that is stored: a run without one cannot be. */
export function planOf({ store }: RpcContext, id: RunId): Plan {
  const plan = store.runs.plan(id);
  if (plan === undefined) throw new Error(`run ${id} has no plan`);
  return plan;
}

function summaryOf(
  { scheduler }: RpcContext,
  run: RunRow,
  plan: Plan,
  steps: readonly StepRow[],
  newest: AttemptRow | undefined,
): RunSummary {
  const { id, name, state, priority, createdAt, startedAt, endedAt, end, exitCode } = run;
  const isLive = newest !== undefined && newest.state !== "ended";
  const usage = isLive ? scheduler.usageOf(newest.id) : undefined;
  const peakNeedBytes = newest?.peaks?.needBytes;
  return {
    id,
    name,
    state,
    command: commandLine(plan),
    priority,
    createdAt,
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && { endedAt }),
    attempts: steps.reduce((sum, step) => sum + step.attempts, 0),
    ...(newest !== undefined && { limitBytes: newest.limitBytes }),
    ...(usage !== undefined && { usedBytes: usage.needBytes }),
    ...(peakNeedBytes !== undefined && { peakNeedBytes }),
    ...(end !== undefined && { end }),
    ...(exitCode !== undefined && { exitCode }),
  };
}

function stepDetail(
  { scheduler }: RpcContext,
  run: RunRow,
  step: Step,
  rows: readonly StepRow[],
): RunDetail["steps"][number] {
  const state = rows.find(({ name }) => name === step.name)?.state ?? "waiting";
  const wait = isFinal(run.state) ? undefined : scheduler.waitOf(run.id, step.name);
  return {
    name: step.name,
    state,
    argv: step.argv.map(wordText),
    cwd: step.cwd,
    calibrationKey: step.calibrationKey,
    ...(wait !== undefined && { wait }),
  };
}

function attemptView(
  { scheduler, unitOf }: RpcContext,
  row: AttemptRow,
): RunDetail["history"][number] {
  const { peaks, outcome, startedAt, endedAt } = row;
  const isLive = row.state !== "ended";
  const usage = isLive ? scheduler.usageOf(row.id) : undefined;
  const unit = row.containment === "systemd" ? unitOf(row.id) : undefined;
  return {
    id: row.id,
    step: row.step,
    number: row.number,
    state: row.state,
    limitBytes: row.limitBytes,
    limitOrigin: row.limitOrigin,
    limitSentence: limitSentence(row.limitOrigin, row.limitBytes),
    ...(unit !== undefined && { unit }),
    createdAt: row.createdAt,
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && { endedAt }),
    ...(usage !== undefined && { usedBytes: usage.needBytes }),
    ...(peaks?.needBytes !== undefined && { peakNeedBytes: peaks.needBytes }),
    ...(peaks?.totalBytes !== undefined && { peakTotalBytes: peaks.totalBytes }),
    oomKills: peaks?.oomKills ?? 0,
    ...(peaks?.cpuUsageUsec !== undefined && { cpuUsageUsec: peaks.cpuUsageUsec }),
    rodeLimit: peaks?.rodeLimit ?? false,
    leftovers: peaks?.leftovers ?? 0,
    ...(outcome !== undefined && { outcome }),
    directory: row.directory,
  };
}
