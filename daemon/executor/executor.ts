import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import type { Digester } from "../artifacts/digester.ts";
import type { BackoffPolicy } from "../base/backoff.ts";
import type { Broker } from "../broker/broker.ts";
import type { AttemptId, RunId } from "../domain/ids.ts";
import { failure, type Failure } from "../domain/failure.ts";
import type { CacheVerdict } from "../domain/artifact.ts";
import type { Plan, Step } from "../domain/plan.ts";
import { err, type Result } from "../domain/result.ts";
import type { Launcher, LiveAttempt, Usage } from "../launcher/launcher.ts";
import type { Origins } from "../lineage/origins.ts";
import type { AttemptRow } from "../store/attempts.ts";
import { adoptAttempt } from "./adopt.ts";
import { AttemptControl, type StopManner } from "./attempt-control.ts";
import {
  conclude,
  described,
  endOfFailedStart,
  endOfReport,
  launch,
  watch,
  type AttemptRecord,
  type PipelineParts,
} from "./attempt-pipeline.ts";
import { StageHearing, type StageSaid } from "./attempt/stage-hearing.ts";
import { claim, type Place, type Start } from "./claim.ts";
import { isWorthAnotherLook, pause } from "./pause.ts";
import { Resolver } from "./resolving/resolver.ts";
import type { RunBooks } from "./run-books.ts";
import { bugSentence, setAside } from "./set-aside.ts";
import { attemptPaths } from "./attempt-directory.ts";
import { collect } from "./steps/collect.ts";
import type { AttemptEnd } from "./settle.ts";

/** What runs attempts is made from. */
export interface ExecutorParts {
  readonly books: RunBooks;
  readonly broker: Broker;
  readonly launcher: Launcher;
  readonly place: Place;
  readonly backoff: BackoffPolicy;
  readonly artifacts: ArtifactStore;
  readonly digester: Digester;
  readonly origins: Origins;
  readonly body: PipelineParts["body"];
}

/**
 * Runs attempts: claim -> launch -> watch -> conclude, and the same from the middle for those an
 * earlier daemon started. Capacity is given back exactly once, at the end of each.
 */
export class Executor {
  readonly #parts: ExecutorParts;
  readonly #pipeline: PipelineParts;
  readonly #records = new Map<AttemptId, AttemptRecord>();
  readonly #freed: (() => void)[] = [];
  readonly #resolver: Resolver;
  #stopping = false;

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
    const { books, launcher, backoff, origins, artifacts, body } = parts;
    this.#pipeline = { books, launcher, backoff, origins, artifacts, body };
    const changed = (): void => {
      this.#tellFreed();
    };
    this.#resolver = new Resolver({ ...parts, changed });
    parts.books.events.onAppend(({ kind, runId }) => {
      if (kind === "step.failed") void this.#stopRest(runId as RunId);
    });
  }

  /**
   * Calls back whenever something may start: an end was recorded, a start did not happen, or a step was
   * resolved.
   */
  onFreed(listener: () => void): void {
    this.#freed.push(listener);
  }

  /**
   * Runs an admitted step, its capacity already reserved, to its recorded end. `launched` is called once the
   * launcher has answered, so that the caller can bound how many launches are under way.
   */
  async run(start: Start, launched: () => void): Promise<void> {
    const claimed = await claim(this.#parts.books, this.#parts.place, start);
    if (this.#isStopping()) return;
    if (!claimed.ok) {
      // A full disk would refuse again at once: without a pause this would spin.
      if (claimed.error.retryable) await pause(this.#parts.books.clock);
      launched();
      this.#free(start.attemptId);
      return;
    }
    const record = this.#open(claimed.value, start.step);
    // A failure in the very commit of the claim was told when there was no record to be stopped yet.
    if (this.#isFailing(start.runId)) await record.control.stop("cancelled", "ladder");
    const live = await this.#launch(record);
    if (this.#isStopping()) return;
    launched();
    if (live.ok) await this.#follow(record, live.value);
    else await this.#conclude(record, endOfFailedStart(record, live.error));
  }

  /** Takes over every attempt an earlier daemon left, live or over. Call once, before anything starts. */
  async adoptAll(): Promise<void> {
    const { store } = this.#parts.books;
    const rows = store.attempts.live();
    const alive = new Set(rows.map((row) => row.id));
    for (const reservation of store.reservations.all()) {
      if (alive.has(reservation.attemptId)) this.#parts.broker.ledger.reserve(reservation);
    }
    await Promise.all(rows.map((row) => this.#adopt(row)));
    // The daemon that ended the rest of these runs may have died before its signals went out.
    const failing = new Set(rows.map(({ runId }) => runId));
    for (const runId of failing) void this.#stopRest(runId);
    this.#resolver.start();
    await this.releaseEnded();
  }

  /**
   * Lets go of what the launcher still holds of ended attempts: the daemon died before it could, or
   * systemd was away. Strangers' units stay.
   */
  async releaseEnded(): Promise<void> {
    const { books, launcher } = this.#parts;
    for (const id of await launcher.holdings()) {
      if (books.store.attempts.get(id)?.state === "ended") await launcher.release(id);
    }
  }

  /** Asks the live attempts of a run to stop, but for those that were asked; answers which that were. */
  async cancel(
    runId: RunId,
    manner: StopManner,
    asked: ReadonlySet<AttemptId> = new Set(),
  ): Promise<Set<AttemptId>> {
    const records = [...this.#records.values()].filter(
      ({ row }) => row.runId === runId && !asked.has(row.id),
    );
    await Promise.all(records.map(({ control }) => control.stop("cancelled", manner)));
    return new Set(records.map(({ row }) => row.id));
  }

  /** A fresh reading of a live attempt's memory. */
  usageOf(attemptId: AttemptId): Usage | undefined {
    return this.#records.get(attemptId)?.control.live?.usage();
  }

  /** What would be a hit if this plan ran now, and why not where not. */
  verdicts(plan: Plan): Promise<ReadonlyMap<string, CacheVerdict>> {
    return this.#resolver.verdicts(plan);
  }

  /** Every live attempt with what it needed so far. */
  tracks(): { readonly attemptId: AttemptId; readonly memory: LiveAttempt["memory"] }[] {
    return [...this.#records].flatMap(([attemptId, { control }]) =>
      control.live === undefined ? [] : { attemptId, memory: control.live.memory },
    );
  }

  /** What the stage of a live attempt said last. */
  saidBy(attemptId: AttemptId): StageSaid | undefined {
    return this.#records.get(attemptId)?.hearing.said;
  }

  /** Records nothing more; what runs goes on and is adopted by the next daemon. */
  stop(): void {
    this.#stopping = true;
    this.#resolver.stop();
    for (const { hearing, control } of this.#records.values()) {
      hearing.close();
      control.close();
    }
  }

  /** Whatever waited looks again: the books are closed, and the next daemon goes on from what they say. */
  #isStopping(): boolean {
    return this.#stopping;
  }

  /** What is thrown here is this run's poison: its end, and not the daemon's, start after start. */
  async #launch(record: AttemptRecord): Promise<Result<LiveAttempt, Failure>> {
    try {
      return await launch(this.#pipeline, record);
    } catch (thrown) {
      return err(failure("could-not-start", bugSentence(thrown), "report it with blutd's log"));
    }
  }

  async #adopt(row: AttemptRow): Promise<void> {
    const { books, launcher, place } = this.#parts;
    let record: AttemptRecord;
    try {
      record = this.#open(row, books.store.runs.step(row.runId, row.step));
    } catch (thrown) {
      await this.#abandon(row, thrown);
      return;
    }
    const adopted = await adoptAttempt(launcher, row, place.bootId);
    if (adopted.kind === "live") void this.#follow(record, adopted.attempt, adopted.ranMs);
    else {
      await record.hearing.finish();
      const concluded = this.#conclude(record, endOfReport(record, adopted.report));
      // An artifact takes as long as it is large, and for ever on a full disk: nothing else waits for that.
      if (record.step.output === undefined) await concluded;
    }
  }

  /** Ends an attempt whose plan cannot be read: nobody could say what it may use or for how long. */
  async #abandon(row: AttemptRow, thrown: unknown): Promise<void> {
    const adopted = await adoptAttempt(this.#parts.launcher, row, this.#parts.place.bootId);
    if (adopted.kind === "live") {
      await adopted.attempt.kill();
      await adopted.attempt.ended;
    }
    await setAside(this.#parts.books, row, { cause: "lost", why: bugSentence(thrown) });
    await this.#parts.launcher.release(row.id);
    this.#free(row.id);
  }

  #open(row: AttemptRow, step: Step): AttemptRecord {
    const control = new AttemptControl(this.#parts.books, row, step.timeouts.graceMs);
    const hearing = new StageHearing(this.#parts.books, { row, step, control });
    const record = { row, step, control, hearing };
    this.#records.set(row.id, record);
    return record;
  }

  async #follow(record: AttemptRecord, live: LiveAttempt, ranMs?: number): Promise<void> {
    this.#parts.broker.track(record.row.id, () => live.usage());
    const report = await watch(this.#pipeline, record, live, ranMs);
    await this.#conclude(record, { ...endOfReport(record, report), curve: live.memory.curve });
  }

  async #conclude(record: AttemptRecord, end: AttemptEnd): Promise<void> {
    if (this.#stopping) return;
    const whole = end.outcome.cause === "succeeded" ? await this.#collect(record, end) : end;
    // The next daemon finds the attempt's own record and collects again.
    if (whole === undefined) return;
    await conclude(this.#pipeline, record, whole);
    if (whole.collected !== undefined) {
      void this.#parts.artifacts.discard(attemptPaths(record.row.directory).out);
    }
    this.#records.delete(record.row.id);
    this.#free(record.row.id);
  }

  /** What a success left; a disk that is full is asked again. Undefined when the daemon stops meanwhile. */
  async #collect(record: AttemptRecord, end: AttemptEnd): Promise<AttemptEnd | undefined> {
    const { books } = this.#parts;
    for (let looks = 1; !this.#stopping; looks++) {
      const collected = await this.#collected(record);
      if (this.#isStopping()) break;
      if (collected.ok)
        return { ...end, collected: await described(this.#pipeline, record, collected.value) };
      if (!isWorthAnotherLook(collected.error, looks)) {
        return { ...end, outcome: { cause: "bad-output", why: collected.error.message } };
      }
      await pause(books.clock);
    }
    return undefined;
  }

  /** What is thrown here is this run's poison, too. */
  async #collected({ row, step }: AttemptRecord): ReturnType<typeof collect> {
    const { books, artifacts } = this.#parts;
    const { contents } = this.#resolver;
    try {
      return await collect({ store: books.store, artifacts, contents }, row, step);
    } catch (thrown) {
      return err(failure("bad-output", bugSentence(thrown), "report it with blutd's log"));
    }
  }

  /** In a run that fails fast, the first failure stops what runs. */
  async #stopRest(runId: RunId): Promise<void> {
    if (this.#isFailing(runId)) await this.cancel(runId, "ladder");
  }

  #isFailing(runId: RunId): boolean {
    const { store } = this.#parts.books;
    return store.runs.get(runId)?.failFast === true && store.steps.has(runId, "failed");
  }

  #free(attemptId: AttemptId): void {
    this.#parts.origins.forget(attemptId);
    this.#parts.broker.untrack(attemptId);
    this.#parts.broker.ledger.release(attemptId);
    this.#tellFreed();
  }

  #tellFreed(): void {
    for (const listener of this.#freed) listener();
  }
}
