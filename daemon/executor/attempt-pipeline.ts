import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import type { BackoffPolicy } from "../base/backoff.ts";
import type { Failure } from "../domain/failure.ts";
import { ok, type Result } from "../domain/result.ts";
import type { Step } from "../domain/plan.ts";
import { filledArgv } from "../domain/word.ts";
import { nothingKnown, type ExitReport } from "../launcher/exit-report.ts";
import { fileFacts } from "../launcher/harvest.ts";
import type { Launcher, LiveAttempt } from "../launcher/launcher.ts";
import type { Origins } from "../lineage/origins.ts";
import type { AttemptRow } from "../store/attempts.ts";
import { armDeadlines } from "./deadlines.ts";
import { resumeFile } from "./attempt/resume.ts";
import type { StageHearing } from "./attempt/stage-hearing.ts";
import { threadHints } from "./attempt/thread-hints.ts";
import {
  prepareDirectory,
  stageEnvironment,
  wordPaths,
  type AttemptInputs,
} from "./attempt-directory.ts";
import type { AttemptControl, StopManner } from "./attempt-control.ts";
import { withDevices } from "./device-environment.ts";
import { judge } from "./judge.ts";
import { pause } from "./pause.ts";
import type { RunBooks } from "./run-books.ts";
import { resolvedInputs } from "./steps/inputs.ts";
import type { Collected } from "./steps/results.ts";
import { settle, type AttemptEnd } from "./settle.ts";

/** What the pipeline of one attempt works with. */
export interface PipelineParts {
  readonly books: RunBooks;
  readonly launcher: Launcher;
  readonly backoff: BackoffPolicy;
  readonly origins: Origins;
  readonly artifacts: ArtifactStore;
  /** The program that runs bodies of cookbooks; absolute. */
  readonly body: string;
}

/** The one record that every arrow of the pipeline works on. */
export interface AttemptRecord {
  readonly row: AttemptRow;
  readonly step: Step;
  readonly control: AttemptControl;
  /** Everything its stage says is heard here. */
  readonly hearing: StageHearing;
}

/** systemd's own wall limit stands this far behind the end of our grace, so that ours is the one that acts. */
const wallSlackMs = 5_000;

/** Prepares the directory and starts the attempt. When this answers ok, the command's gate is open. */
export async function launch(
  parts: PipelineParts,
  record: AttemptRecord,
): Promise<Result<LiveAttempt, Failure>> {
  const { books, launcher, origins } = parts;
  const { row, step } = record;
  const on = await inputsOf(parts, record);
  const prepared = await prepareDirectory(row, step, on);
  if (!prepared.ok) return prepared;
  const submitted = books.store.runs.environment(row.runId) ?? {};
  const { hardMs, graceMs } = step.timeouts;
  const environment = withDevices(
    stageEnvironment({ submitted, hints: threadHints(step.claims.cpus) }, step, row, on),
    books.store.reservations.devicesOf(row.id),
  );
  if (step.output !== undefined) origins.begin(row, step.cwd, environment);
  return launcher.start({
    attemptId: row.id,
    argv: on.argv,
    cwd: step.cwd,
    environment,
    directory: row.directory,
    limitBytes: row.limitBytes,
    graceMs,
    ...(hardMs !== undefined && { wallLimitMs: hardMs + graceMs + wallSlackMs }),
    description: `blut ${row.runId} ${step.name} attempt ${String(row.number)}`,
  });
}

/**
 * Follows a started or adopted attempt to its end, under its deadlines. `ranMs` is how long an adopted
 * one has run already, by a clock that nobody steps; the wall clock decides only where it is not known.
 */
export async function watch(
  { books }: PipelineParts,
  { row, step, control, hearing }: AttemptRecord,
  live: LiveAttempt,
  ranMs?: number,
): Promise<ExitReport> {
  const { store, events, clock } = books;
  const startedAt = row.startedAt ?? clock.now();
  await store.write(() => {
    if (store.attempts.started(row.id, startedAt)) {
      events.append("attempt.started", { runId: row.runId, attemptId: row.id });
    }
    return ok(undefined);
  });
  control.attach(live);
  // A daemon that stood still finds deadlines passed of commands that had ended well before them.
  const isOver = (): boolean =>
    fileFacts({ attemptId: row.id, directory: row.directory }).record !== undefined;
  const expire = (cause: "soft-timeout" | "hard-timeout", manner: StopManner): void => {
    if (!isOver()) void control.stop(cause, manner);
  };
  hearing.start(isOver);
  const disarm = armDeadlines(clock, step.timeouts, ranMs ?? Math.max(0, clock.now() - startedAt), {
    soft: () => {
      // A warning is given once, not again by every daemon that takes the attempt over.
      if (control.stopCause === undefined) expire("soft-timeout", "warn");
    },
    hard: () => {
      expire("hard-timeout", "ladder");
    },
  });
  const report = await live.ended;
  disarm();
  control.detach();
  await hearing.finish();
  return report;
}

async function inputsOf(
  { books, artifacts, body }: PipelineParts,
  { row, step }: AttemptRecord,
): Promise<AttemptInputs> {
  const inputs = resolvedInputs({ store: books.store, artifacts }, row, step);
  const element = books.store.steps.get(row.runId, row.step)?.element;
  const resume = await resumeFile(books, row);
  return {
    argv: filledArgv(step.argv, wordPaths(row, inputs, body)),
    inputs,
    ...(element !== undefined && { element }),
    ...(resume !== undefined && { resume }),
  };
}

/**
 * The end of an attempt that ran, or of which an earlier daemon left this much to tell. All that its stage
 * said has been heard before.
 */
export function endOfReport({ row, control }: AttemptRecord, report: ExitReport): AttemptEnd {
  const { stopCause, stopFacts } = control;
  const outcome = judge({ report, limitBytes: row.limitBytes, stopCause, stopFacts });
  return { outcome, peaks: report.peaks, isFree: false };
}

/**
 * The end of an attempt that the launcher could not start. What may work a minute later (a full disk,
 * systemd away) was no try at all and spends nothing; the rest would fail the same way again.
 */
export function endOfFailedStart({ control }: AttemptRecord, failed: Failure): AttemptEnd {
  const { peaks } = nothingKnown;
  const why = failed.message;
  if (control.stopCause !== undefined) {
    return { outcome: { cause: "cancelled" }, peaks, isFree: true };
  }
  const cause = failed.retryable ? "lost" : "could-not-start";
  return { outcome: { cause, why }, peaks, isFree: failed.retryable };
}

/** A result with what its lineage tells of the attempt. */
export async function described(
  { origins }: PipelineParts,
  { row, hearing }: AttemptRecord,
  collected: Collected | undefined,
): Promise<Collected | undefined> {
  if (collected === undefined) return undefined;
  const said = [...hearing.said.metrics].map(([name, { value }]) => [name, value] as const);
  const origin = await origins.of(row);
  return { ...collected, origin, metrics: Object.fromEntries(said) };
}

/** Records the end; a disk that refuses is asked again until it takes it. Then the units go. */
export async function conclude(
  { books, launcher, backoff }: PipelineParts,
  { row, step, control }: AttemptRecord,
  end: AttemptEnd,
): Promise<void> {
  for (;;) {
    const isCalledOff = control.stopCause === "cancelled";
    const recorded = await settle(books, { row, step, ...end, isCalledOff }, backoff);
    if (recorded.ok) break;
    // A broken store ends the daemon; the next one finds the attempt's own files and its slice.
    if (!recorded.error.retryable) return;
    await pause(books.clock);
  }
  await launcher.release(row.id);
}
