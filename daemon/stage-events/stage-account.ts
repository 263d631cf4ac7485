import type { MetricValue } from "../domain/metric.ts";
import type { LineProblem, LineVerdict, StageEvent } from "./stage-event.ts";

/** How far a stage says it is. */
export interface Progress {
  readonly done: number;
  readonly total?: number;
  readonly message?: string;
}

/** A metric's newest value. */
export interface LatestMetric {
  readonly value: MetricValue;
  /** As the stage counts. */
  readonly step?: number;
}

/** What is wrong with what a stage said, since somebody last asked: the first of it and how much. */
export interface Complaint {
  readonly reason: string;
  /** A sentence's end: what it was about. */
  readonly detail: string;
  /** All there were since the attempt began. */
  readonly count: number;
}

/** What changed since somebody last asked. */
export interface StageNews {
  readonly progress?: Progress;
  readonly metrics: ReadonlyMap<string, LatestMetric>;
  readonly complaint?: Complaint;
}

/** Names of metrics whose newest value is held; rows of more go to the file alone. */
const mostNames = 64;

/** All that is held of what one stage has said: a few newest values, however much it says. */
export class StageAccount {
  #progress: Progress | undefined;
  readonly #metrics = new Map<string, LatestMetric>();
  #diverged: { readonly metric: string; readonly value: string } | undefined;
  #lines = 0;
  #problems = 0;
  #isProgressNew = false;
  readonly #newMetrics = new Set<string>();
  #complaint: Omit<Complaint, "count"> | undefined;

  get progress(): Progress | undefined {
    return this.#progress;
  }

  get metrics(): ReadonlyMap<string, LatestMetric> {
    return this.#metrics;
  }

  /** The first metric that was not finite. */
  get diverged(): { readonly metric: string; readonly value: string } | undefined {
    return this.#diverged;
  }

  /** Takes the verdict on the next line. */
  take(verdict: LineVerdict): void {
    this.#lines++;
    if (verdict.kind === "event") this.#takeEvent(verdict.event);
    if (verdict.kind === "problem") {
      this.complain(verdict.problem.reason, lineWords(this.#lines, verdict.problem));
    }
  }

  /** Counts something that is wrong with what the stage said or did. */
  complain(reason: string, detail: string): void {
    this.#problems++;
    this.#complaint ??= { reason, detail };
  }

  /** Answers what changed since the last call; undefined when nothing did. */
  news(): StageNews | undefined {
    const { size } = this.#newMetrics;
    if (!this.#isProgressNew && size === 0 && this.#complaint === undefined) return undefined;
    const news: StageNews = {
      ...(this.#isProgressNew && this.#progress !== undefined && { progress: this.#progress }),
      metrics: new Map([...this.#metrics].filter(([name]) => this.#newMetrics.has(name))),
      ...(this.#complaint !== undefined && {
        complaint: { ...this.#complaint, count: this.#problems },
      }),
    };
    this.#isProgressNew = false;
    this.#newMetrics.clear();
    this.#complaint = undefined;
    return news;
  }

  #takeEvent(event: StageEvent): void {
    switch (event.type) {
      case "progress": {
        const { done, total, message } = event;
        this.#progress = {
          done,
          ...(total !== undefined && { total }),
          ...(message !== undefined && { message }),
        };
        this.#isProgressNew = true;
        return;
      }
      case "metric":
        this.#takeMetric(event);
        return;
      case "heartbeat":
      case "checkpoint":
      case "artifact":
      case "unknown":
        return;
    }
  }

  #takeMetric({ name, value, step }: Extract<StageEvent, { readonly type: "metric" }>): void {
    if (typeof value === "string") this.#diverged ??= { metric: name, value };
    if (!this.#metrics.has(name) && this.#metrics.size >= mostNames) {
      this.complain(
        "too-many-metrics",
        `${mostNames} names are followed; the rest are in metrics.csv`,
      );
      return;
    }
    this.#metrics.set(name, { value, ...(step !== undefined && { step }) });
    this.#newMetrics.add(name);
  }
}

function lineWords(line: number, { field }: LineProblem): string {
  return field === undefined ? `line ${line}` : `line ${line}, field ${field}`;
}
