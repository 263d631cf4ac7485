import { quoted } from "../../base/quoted.ts";
import type { Step } from "../../domain/plan.ts";
import { checkpointFile, noSuchFile } from "../../stage-events/checkpoint-file.ts";
import { parseEventLine, parseLastLine } from "../../stage-events/event-line.ts";
import { EventTail, type FileProblem, type TailListener } from "../../stage-events/event-tail.ts";
import { MetricFile } from "../../stage-events/metric-file.ts";
import { StageAccount } from "../../stage-events/stage-account.ts";
import type { LineVerdict, StageEvent } from "../../stage-events/stage-event.ts";
import type { AttemptRow } from "../../store/attempts.ts";
import { attemptPaths } from "../attempt-directory.ts";
import type { AttemptControl } from "../attempt-control.ts";
import type { RunBooks } from "../run-books.ts";
import { SilenceWatch } from "./silence.ts";
import { StageRecorder } from "./stage-recorder.ts";

/** Whose stage is heard. */
export interface HeardAttempt {
  readonly row: AttemptRow;
  readonly step: Step;
  readonly control: AttemptControl;
}

/** How far a stage is, and its metrics. */
export type StageSaid = Pick<StageAccount, "progress" | "metrics">;

const fileProblems: Readonly<Record<FileProblem, string>> = {
  "not-a-file": "its event file is not the one that was made for it, and is not read",
  replaced: "its event file was removed or replaced; what is in its place is not read",
  truncated: "its event file was cut; it is read from its beginning again",
};

/**
 * Hears one stage, from its first line to its last: keeps its metrics, puts checkpoints and progress on
 * record, and stops an attempt that diverged or fell silent. A daemon that takes an attempt over hears
 * all of it again.
 */
export class StageHearing implements TailListener {
  readonly #books: RunBooks;
  readonly #attempt: HeardAttempt;
  readonly #account = new StageAccount();
  readonly #metrics: MetricFile;
  readonly #recorder: StageRecorder;
  readonly #tail: EventTail;
  readonly #paths: ReturnType<typeof attemptPaths>;
  #begun: Promise<void> | undefined;
  #silence: SilenceWatch | undefined;
  #isDiverged = false;
  #isClosed = false;
  /** The newest checkpoint, when it is not there. */
  #missing: string | undefined;

  constructor(books: RunBooks, attempt: HeardAttempt) {
    const { directory } = attempt.row;
    this.#books = books;
    this.#attempt = attempt;
    this.#paths = attemptPaths(directory);
    this.#metrics = new MetricFile(directory);
    this.#recorder = new StageRecorder(books, attempt.row, this.#account);
    this.#tail = new EventTail(this.#paths.events, books.clock, this);
  }

  /** What it said last. */
  get said(): StageSaid {
    return this.#account;
  }

  /** Listens from now on. `isOver` tells whether the command has ended, its end not yet being recorded. */
  start(isOver: () => boolean): void {
    this.#begun = this.#begin(isOver);
  }

  /** Hears the rest of an attempt that has ended. When this resolves, all of it is on record. */
  async finish(): Promise<void> {
    await (this.#begun ??= this.#metrics.resume());
    this.#silence?.close();
    await this.#tail.drain();
    this.#metrics.close();
    if (this.#missing !== undefined) this.#refuseCheckpoint(this.#missing, noSuchFile);
    // Whether we were quick enough to stop it must not decide what it was.
    await this.#stopIfDiverged();
    await this.#recorder.finish();
  }

  /** Hears no more, and leaves the rest to the next daemon. */
  close(): void {
    this.#isClosed = true;
    this.#silence?.close();
    this.#tail.close();
    this.#metrics.close();
    this.#recorder.close();
  }

  line(line: Buffer): void {
    this.#take(parseEventLine(line));
  }

  lastLine(line: Buffer): void {
    this.#take(parseLastLine(line));
  }

  fileProblem(problem: FileProblem): void {
    this.#account.complain(`events-${problem}`, fileProblems[problem]);
    this.#recorder.wake();
  }

  caughtUp(): void {
    this.#silence?.heard();
    if (!this.#metrics.flush()) {
      this.#account.complain("metrics-not-kept", "metrics.csv cannot be written any more");
    }
    void this.#stopIfDiverged();
    this.#recorder.wake();
  }

  /** The rows that an earlier daemon wrote are counted before the first line is heard. */
  async #begin(isOver: () => boolean): Promise<void> {
    await this.#metrics.resume();
    if (this.#isClosed) return;
    this.#tail.start();
    const { heartbeatMs } = this.#attempt.step.timeouts;
    if (heartbeatMs === undefined) return;
    const look = (): boolean => this.#tail.look();
    this.#silence = new SilenceWatch(this.#books.clock, heartbeatMs, look, (silentMs) => {
      if (!isOver()) void this.#attempt.control.stop("stalled", "ladder", { silentMs });
    });
  }

  #take(verdict: LineVerdict): void {
    this.#account.take(verdict);
    if (verdict.kind !== "event") return;
    const { event } = verdict;
    if (event.type === "checkpoint") this.#checkpoint(event);
    if (event.type !== "metric") return;
    const { name, value, step } = event;
    const at = Math.round(event.at ?? this.#books.clock.now());
    this.#metrics.add({ at, name, value, ...(step !== undefined && { step }) });
  }

  #checkpoint({ file, at, step }: Extract<StageEvent, { readonly type: "checkpoint" }>): void {
    const found = checkpointFile(this.#paths.checkpoints, file);
    // We may hear of one when the stage has gone on to others and removed it.
    this.#missing = !found.ok && found.error === noSuchFile ? file : undefined;
    if (!found.ok) {
      if (this.#missing === undefined) this.#refuseCheckpoint(file, found.error);
      return;
    }
    const { runId, step: name } = this.#attempt.row;
    this.#recorder.checkpoint({
      key: this.#books.store.steps.get(runId, name)?.cacheKey ?? "",
      file: found.value.path,
      at: Math.round(at ?? found.value.writtenAt),
      ...(step !== undefined && { step }),
    });
  }

  #refuseCheckpoint(file: string, why: string): void {
    this.#account.complain("bad-checkpoint", `${quoted(file)}: ${why}`);
  }

  async #stopIfDiverged(): Promise<void> {
    const { diverged } = this.#account;
    const { step, control } = this.#attempt;
    if (diverged === undefined || this.#isDiverged || step.onDiverged === "ignore") return;
    this.#isDiverged = true;
    await control.stop("diverged", "ladder", diverged);
  }
}
