import type { Clock } from "../base/clock.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { textOf, type DbusValue } from "./dbus-value.ts";
import { isOutcomeUnknown, type SystemdError } from "./systemd-error.ts";
import type { UnitSummary } from "./unit-state.ts";

/** Lengths in ms. */
export interface UnitJobsOptions {
  readonly clock: Clock;
  /** How often a unit is asked itself while a signal about it is waited for. */
  readonly lostSignalNetMs: number;
  /** After this a job whose end nobody could tell us is `outcome-unknown`. */
  readonly jobTimeoutMs: number;
}

/** What a unit itself shows of a job: it did what was asked, nothing at all, or it went wrong. */
export type JobVerdict = "done" | "no-effect" | "failed";

/** Reads a verdict off a unit; undefined while the job may still be at it. */
type Judge = (unit: UnitSummary | "gone") => JobVerdict | undefined;

type ListUnits = (
  names: readonly string[],
) => Promise<Result<readonly UnitSummary[], SystemdError>>;

/**
 * Calls that queue a job in systemd, each followed until its job is over: by JobRemoved, and where
 * that or the reply got lost, by what the unit itself shows.
 */
export class UnitJobs {
  readonly #listUnits: ListUnits;
  readonly #options: UnitJobsOptions;
  readonly #watches = new Set<JobWatch>();
  #isClosed = false;

  constructor(listUnits: ListUnits, options: UnitJobsOptions) {
    this.#listUnits = listUnits;
    this.#options = options;
  }

  /** Sends one call about a unit, which answers a job's object path, and answers when the job is over. */
  async run(
    unit: string,
    send: () => Promise<Result<readonly DbusValue[], SystemdError>>,
    judge: Judge,
  ): Promise<Result<void, SystemdError>> {
    const watch = new JobWatch(unit, this.#options.clock);
    this.#watches.add(watch);
    try {
      const reply = await send();
      if (reply.ok) return await this.#awaitJob(watch, textOf(reply.value[0]), judge);
      return isOutcomeUnknown(reply.error)
        ? await this.#findOutcome(watch, reply.error, judge)
        : reply;
    } finally {
      this.#watches.delete(watch);
    }
  }

  /** Takes a JobRemoved signal. */
  removed(signal: { readonly job: string; readonly unit: string; readonly result: string }): void {
    for (const watch of this.#watches) {
      if (watch.unit === signal.unit) watch.removed(signal.job, signal.result);
    }
  }

  /** Signals may have been missed: every unit that is waited for is asked now. */
  lookAgain(): void {
    for (const watch of this.#watches) watch.wake();
  }

  /** Whatever is waited for answers `outcome-unknown`. */
  close(): void {
    this.#isClosed = true;
    this.lookAgain();
  }

  async #awaitJob(watch: JobWatch, job: string, judge: Judge): Promise<Result<void, SystemdError>> {
    const deadlineMs = this.#deadlineMs();
    for (;;) {
      const result = watch.resultOf(job);
      if (result === "done") return ok(undefined);
      if (result !== undefined) return err(jobFailed(watch.unit, result));
      const end = await watch.pause(this.#options.lostSignalNetMs);
      if (end === "job-removed") continue;
      const verdict = await this.#ask(watch.unit, judge);
      if (verdict === "done") return ok(undefined);
      if (verdict !== undefined) return err(jobFailed(watch.unit, verdict));
      if (this.#isOver(deadlineMs)) return err(outcomeUnknown(watch.unit));
    }
  }

  /**
   * The call may have been carried out or not. systemd serves a connection in order, so when it answers
   * a later question, the earlier call is decided: what it did not do by then it never will.
   */
  async #findOutcome(
    watch: JobWatch,
    cause: SystemdError,
    judge: Judge,
  ): Promise<Result<void, SystemdError>> {
    const deadlineMs = this.#deadlineMs();
    for (;;) {
      const verdict = await this.#ask(watch.unit, judge);
      if (verdict === "done") return ok(undefined);
      if (verdict === "no-effect") return err(notDone(watch.unit, cause));
      if (verdict === "failed") return err(jobFailed(watch.unit, verdict));
      if (this.#isOver(deadlineMs)) return err(outcomeUnknown(watch.unit));
      await watch.pause(this.#options.lostSignalNetMs);
    }
  }

  async #ask(name: string, judge: Judge): Promise<JobVerdict | undefined> {
    const listed = await this.#listUnits([name]);
    return listed.ok ? judge(listed.value[0] ?? "gone") : undefined;
  }

  #deadlineMs(): number {
    return this.#options.clock.monotonic() + this.#options.jobTimeoutMs;
  }

  #isOver(deadlineMs: number): boolean {
    return this.#isClosed || this.#options.clock.monotonic() >= deadlineMs;
  }
}

function jobFailed(unit: string, jobResult: string): SystemdError {
  return { reason: "job-failed", message: `the job for ${unit} ended as ${jobResult}`, jobResult };
}

function notDone(unit: string, cause: SystemdError): SystemdError {
  return { reason: "not-done", message: `${cause.message}, and ${unit} shows no effect of it` };
}

function outcomeUnknown(unit: string): SystemdError {
  return { reason: "outcome-unknown", message: `nobody could say what became of ${unit}` };
}

/** What ended a pause: a job of the unit was removed, somebody asked for a new look, or the time was up. */
type PauseEnd = "job-removed" | "woken" | "time-up";

/**
 * Job results of one unit while a call about it is under way. It exists before the call is sent, so a
 * JobRemoved that overtakes the reply is kept, and it is dropped with the call, so nothing piles up.
 */
class JobWatch {
  readonly unit: string;
  readonly #clock: Clock;
  readonly #results = new Map<string, string>();
  #resume: ((end: PauseEnd) => void) | undefined;
  #missed: PauseEnd | undefined;

  constructor(unit: string, clock: Clock) {
    this.unit = unit;
    this.#clock = clock;
  }

  /** Takes the result of a job of this unit. */
  removed(job: string, result: string): void {
    this.#results.set(job, result);
    this.#end("job-removed");
  }

  /** Ends the pause: what the unit is now should be asked again. */
  wake(): void {
    this.#end("woken");
  }

  /** systemd's word for how this job ended, or undefined while it is not known. */
  resultOf(job: string): string | undefined {
    return this.#results.get(job);
  }

  /** Waits for news of the unit, `ms` at most; news since the last pause end it at once. */
  async pause(ms: number): Promise<PauseEnd> {
    const missed = this.#missed;
    this.#missed = undefined;
    if (missed !== undefined) return missed;
    return await new Promise<PauseEnd>((resolve) => {
      const cancel = this.#clock.after(ms, () => {
        this.#end("time-up");
      });
      this.#resume = (end) => {
        cancel();
        this.#resume = undefined;
        resolve(end);
      };
    });
  }

  #end(end: PauseEnd): void {
    if (this.#resume === undefined) this.#missed = end;
    else this.#resume(end);
  }
}
