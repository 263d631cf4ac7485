import type { Checkpoint } from "../../domain/artifact.ts";
import type { EventKind, JsonValue } from "../../domain/event.ts";
import { ok } from "../../domain/result.ts";
import type { StageNews } from "../../stage-events/stage-account.ts";
import type { AttemptRow } from "../../store/attempts.ts";
import { pause } from "../pause.ts";
import type { RunBooks } from "../run-books.ts";

/** Where news of a stage come from. */
export interface NewsSource {
  /** What changed since the last call; undefined when nothing did. */
  news(): StageNews | undefined;
}

/** However much a stage says, its row and the event log hear of it so often at most; ms. */
const restMs = 1_000;

/**
 * Puts what a stage says on record: its newest values, how far it is, its last good checkpoint. Once a
 * second at most, and always the last.
 */
export class StageRecorder {
  readonly #books: RunBooks;
  readonly #row: AttemptRow;
  readonly #source: NewsSource;
  #checkpoint: Checkpoint | undefined;
  #cancelRest: (() => void) | undefined;
  #isResting = false;
  #isWanted = false;

  constructor(books: RunBooks, row: AttemptRow, source: NewsSource) {
    this.#books = books;
    this.#row = row;
    this.#source = source;
  }

  /** The newest checkpoint that the stage can go on from. */
  checkpoint(checkpoint: Checkpoint): void {
    this.#checkpoint = checkpoint;
  }

  /** There may be something to record: now, or when the last record is a second old. */
  wake(): void {
    this.#isWanted = true;
    if (!this.#isResting) void this.#recordAndRest();
  }

  /** Records the rest. A disk that is full is asked again for a checkpoint's sake, and for nothing else. */
  async finish(): Promise<void> {
    this.close();
    for (;;) {
      const recorded = await this.#record();
      if (recorded.ok || this.#checkpoint === undefined || !recorded.error.retryable) return;
      await pause(this.#books.clock);
    }
  }

  /** Records nothing more by itself. */
  close(): void {
    this.#isResting = true;
    this.#cancelRest?.();
  }

  async #recordAndRest(): Promise<void> {
    this.#isResting = true;
    this.#isWanted = false;
    this.#cancelRest = this.#books.clock.after(restMs, () => {
      this.#isResting = false;
      if (this.#isWanted) this.wake();
    });
    await this.#record();
  }

  async #record(): ReturnType<RunBooks["store"]["write"]> {
    const news = this.#source.news();
    const checkpoint = this.#checkpoint;
    if (news === undefined && checkpoint === undefined) return ok(undefined);
    const recorded = await this.#books.store.write(() => {
      if (news !== undefined) this.#appendNews(news);
      if (checkpoint !== undefined) this.#keep(checkpoint);
      return ok(undefined);
    });
    if (recorded.ok && this.#checkpoint === checkpoint) this.#checkpoint = undefined;
    return recorded;
  }

  #appendNews({ progress, metrics, complaint }: StageNews): void {
    if (progress !== undefined) this.#append("step.progress", { ...progress });
    if (metrics.size > 0) {
      const latest = [...metrics].map(([name, metric]) => [name, { ...metric }] as const);
      this.#append("step.metric", { metrics: Object.fromEntries(latest) });
    }
    if (complaint !== undefined) this.#append("step.problem", { ...complaint });
  }

  /** An attempt that is heard from its beginning again names what is on record already. */
  #keep(checkpoint: Checkpoint): void {
    const { runId, step } = this.#row;
    const known = this.#books.store.steps.get(runId, step)?.checkpoint;
    if (known !== undefined && isSame(known, checkpoint)) return;
    this.#books.store.steps.setCheckpoint(runId, step, checkpoint);
    const { file, at, step: count } = checkpoint;
    this.#append("step.checkpoint", { file, at, ...(count !== undefined && { count }) });
  }

  #append(kind: EventKind, facts: Readonly<Record<string, JsonValue>>): void {
    const { runId, step, id, number } = this.#row;
    const about = { runId, attemptId: id, facts: { step, number, ...facts } };
    this.#books.events.append(kind, about);
  }
}

function isSame(a: Checkpoint, b: Checkpoint): boolean {
  return a.file === b.file && a.at === b.at && a.step === b.step && a.key === b.key;
}
