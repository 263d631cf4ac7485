import { stat, statfs } from "node:fs/promises";
import path from "node:path";
import { lastLine } from "../../report/last-line.ts";
import type { MethodResult } from "../../protocol/methods.ts";
import { causeOf, type FailureGroup } from "../../report/failures.ts";
import type { Report } from "../../report/make-report.ts";
import type { Bar, Course } from "../../report/span-read.ts";
import type { Span } from "../../store/box-minutes.ts";
import type { RpcContext } from "../context.ts";
import { standingOf } from "./run-view.ts";

type Answer = MethodResult<"report.get">;

const mostFailures = 40;
const mostSchedules = 60;

/** Everything of a report that is known already. */
export function reportView(
  { store, broker, config }: RpcContext,
  report: Report,
): Omit<Answer, "sinceAt" | "untilAt" | "failures" | "disk"> {
  const { memory, box, waits, minutes } = report;
  const { minutes: boxMinutes, limitByteSeconds, needByteSeconds, ...worst } = box;
  const { killedFromOutside, wasted, ...balance } = memory;
  const { queued, running } = store.runs.counts();
  const { budgetBytes, reserveBytes: floorBytes } = broker.status().memory;
  return {
    runs: { ...report.totals, running, queued },
    needYou: report.needYou,
    names: [...report.names],
    moreNames: report.moreNames,
    moreFailures: Math.max(0, report.failures.length - mostFailures),
    memory: { ...balance, limitByteSeconds, needByteSeconds, wasted: [...wasted] },
    box: {
      ...{ minutes: boxMinutes, ...worst, killedFromOutside, budgetBytes, floorBytes },
      pressureStop: config.admission.pressureStopPercent,
    },
    ...(waits !== undefined && { waits: waitsView(waits) }),
    cache: report.cache,
    schedules: report.schedules.slice(0, mostSchedules),
    moreSchedules: Math.max(0, report.schedules.length - mostSchedules),
    paused: [...report.paused],
    daemon: report.daemon,
    stepMs: minutes.stepMs,
    minutes: minutes.rows.map(minuteView),
    bars: report.bars.map(barView),
    moreBars: report.moreBars,
    courses: report.courses.map(courseView),
  };
}

/** Failures with what their newest run wrote last. */
export function failureViews(
  context: RpcContext,
  groups: readonly FailureGroup[],
): Promise<Answer["failures"]> {
  return Promise.all(groups.slice(0, mostFailures).map((group) => failureView(context, group)));
}

/** What the state takes of the disk that it is on. */
export async function diskView({ store, config }: RpcContext, span: Span): Promise<Answer["disk"]> {
  const { database, stateDir } = config.paths;
  const [{ size }, { bavail, blocks, bsize }] = await Promise.all([
    stat(database),
    statfs(stateDir),
  ]);
  return {
    databaseBytes: size,
    logBytes: store.retention.totals().logBytes,
    artifactBytes: store.cache.totals().bytes,
    freeBytes: bavail * bsize,
    totalBytes: blocks * bsize,
    collected: store.reports.collected(span),
  };
}

async function failureView(
  context: RpcContext,
  { newest, name, cause, count, recovered }: FailureGroup,
): Promise<Answer["failures"][number]> {
  const step = "step" in newest.end ? newest.end.step : undefined;
  const attempt = step === undefined ? undefined : context.store.attempts.newestOf(newest.id, step);
  const said = attempt && (await lastSaid(attempt.directory));
  return {
    ...{ name, cause, count, recovered, runId: newest.id, at: newest.endedAt },
    ...(step !== undefined && { step }),
    sentence: standingOf(context, newest),
    ...(said !== undefined && { lastLine: said }),
  };
}

async function lastSaid(directory: string): Promise<string | undefined> {
  const line = await lastLine(path.join(directory, "stderr.log"));
  return line ?? lastLine(path.join(directory, "stdout.log"));
}

function waitsView({ longest, why, ...rest }: NonNullable<Report["waits"]>): Answer["waits"] {
  return { ...rest, longest: { ...longest, ...(why !== undefined && { why }) } };
}

function minuteView(row: Report["minutes"]["rows"][number]): Answer["minutes"][number] {
  const { at, availableBytes, pressureFull, pressureSome, limitBytes, needBytes } = row;
  const { running, waiting, budgetBytes, floorBytes } = row;
  return {
    ...{ at, availableBytes, limitBytes, needBytes, running, waiting, budgetBytes, floorBytes },
    ...(pressureFull !== undefined && { pressureFull }),
    ...(pressureSome !== undefined && { pressureSome }),
  };
}

function barView({ id, name, state, createdAt, startedAt, endedAt, end }: Bar) {
  return {
    ...{ id, name, state, createdAt },
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && { endedAt }),
    ...(state === "failed" && end !== undefined && { cause: causeOf(end) }),
  };
}

function courseView({ name, row, curve }: Course): Answer["courses"][number] {
  const { runId, step, number, state, outcome, createdAt, startedAt, endedAt, limitBytes } = row;
  return {
    ...{ runId, name, step, number, state, limitBytes, origin: row.limitOrigin },
    ...(outcome !== undefined && { cause: outcome.cause }),
    startedAt: startedAt ?? createdAt,
    ...(endedAt !== undefined && { endedAt }),
    stepMs: curve.stepMs,
    needBytes: [...curve.needBytes],
  };
}
