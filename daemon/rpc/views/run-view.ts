import { limitSentence } from "../../broker/sentences.ts";
import type { RunId } from "../../domain/ids.ts";
import type { Plan } from "../../domain/plan.ts";
import type { Wait } from "../../domain/reservation.ts";
import { isFinal } from "../../domain/run.ts";
import { wireLimits } from "../../protocol/limits.ts";
import type { MethodResult } from "../../protocol/methods.ts";
import type { AttemptRow } from "../../store/attempts.ts";
import type { RunRow } from "../../store/runs.ts";
import { commandLine } from "./command-line.ts";
import type { RpcContext } from "../context.ts";
import { runSentence } from "./sentences.ts";
import { stepCounts, stepDetails, type StepPage } from "./step-view.ts";

/** Steps that are asked why they wait, before it is taken that the rest waits for them. */
const mostAsked = 20;

type RunSummary = MethodResult<"run.list">["runs"][number];
type RunDetail = MethodResult<"run.get">;

/** One row of a list of runs. */
export function runSummary(context: RpcContext, run: RunRow): RunSummary {
  const { store } = context;
  return summaryOf(context, run, planOf(context, run.id), store.attempts.newestOf(run.id));
}

/** A run with its steps and every attempt. */
export function runDetail(context: RpcContext, run: RunRow, page: StepPage): RunDetail {
  const { store, config } = context;
  const plan = planOf(context, run.id);
  const rows = store.steps.of(run.id);
  const details = stepDetails(context, { run, plan, rows }, page);
  const wanted = new Set(details.map(({ name }) => name));
  const attempts = store.attempts
    .ofRun(run.id)
    .filter(({ step }) => page.step === undefined || wanted.has(step));
  const newest = attempts.at(-1);
  const waits = store.waits.of(run.id);
  const { softMs, hardMs } = plan.steps[0].timeouts;
  return {
    ...summaryOf(context, run, plan, newest),
    containment: newest?.containment ?? config.containment,
    needs: waits.filter(({ kind }) => kind === "needs").map(({ onRunId }) => onRunId),
    after: waits.filter(({ kind }) => kind === "after").map(({ onRunId }) => onRunId),
    ...(run.dedupeKey !== undefined && { dedupeKey: run.dedupeKey }),
    ...(hardMs !== undefined && { timeoutMs: hardMs }),
    ...(softMs !== undefined && { softTimeoutMs: softMs }),
    ...(run.retriedFrom !== undefined && { retriedFrom: run.retriedFrom }),
    sentence: standingOf(context, run),
    steps: details,
    stepCounts: stepCounts(rows),
    failFast: run.failFast,
    pinned: run.pinned,
    ...(run.logsGoneAt !== undefined && { logsCollectedAt: run.logsGoneAt }),
    ...(run.notify !== undefined && { notify: [...run.notify] }),
    history: attempts.slice(-wireLimits.page).map((attempt) => attemptView(context, attempt)),
  };
}

/** How a run stands or ended, in words. */
export function standingOf(context: RpcContext, run: RunRow): string {
  const { attempts, runs, schedules } = context.store;
  return runSentence(run, {
    plan: runs.planForWords(run.id),
    asker: schedules.tickOfRun(run.id) === undefined ? "person" : "schedule",
    attempt: attempts.newestLiveOf(run.id) ?? attempts.newestOf(run.id),
    wait: firstWait(context, run),
    now: context.clock.now(),
  });
}

/** Why a run is not running, if it is not. */
export function firstWait(context: RpcContext, run: RunRow): Wait | undefined {
  if (isFinal(run.state)) return undefined;
  for (const step of context.store.steps.pending(run.id, mostAsked)) {
    const wait = context.scheduler.waitOf(run.id, step);
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
  { scheduler, store }: RpcContext,
  run: RunRow,
  plan: Plan,
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
    attempts: store.steps.mostTries(id),
    ...(newest !== undefined && { limitBytes: newest.limitBytes }),
    ...(usage !== undefined && { usedBytes: usage.needBytes }),
    ...(peakNeedBytes !== undefined && { peakNeedBytes }),
    ...(end !== undefined && { end }),
    ...(exitCode !== undefined && { exitCode }),
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
