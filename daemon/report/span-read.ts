import type { RunRow } from "../store/run-row.ts";
import type { AttemptRow } from "../store/attempts.ts";
import type { BoxMinute } from "../domain/box-minute.ts";
import type { MemoryCurve } from "../domain/memory-curve.ts";
import type { Span } from "../store/box-minutes.ts";
import type { EndedAfter, EndedRun, ReportTick } from "../store/reports.ts";
import type { Store } from "../store/store.ts";
import { Best } from "./best.ts";
import { Failures } from "./failures.ts";
import { MemoryBalance, secondsOf } from "./memory-balance.ts";
import { Names } from "./names.ts";
import { ScheduleTally } from "./schedules.ts";
import { Thinning } from "./thin-minutes.ts";
import { rowsAtOnce, Turns } from "./turns.ts";
import { Waits } from "./waits.ts";

/** A run as a bar of a timeline. */
export type Bar = Pick<
  RunRow,
  "id" | "name" | "state" | "createdAt" | "startedAt" | "endedAt" | "end"
>;

/** An attempt with its course, for a chart of its own. */
export interface Course {
  readonly name: string;
  readonly row: AttemptRow;
  readonly curve: MemoryCurve;
}

/** How much of what is drawn one by one is wanted. */
export interface Wanted {
  readonly bars: number;
  readonly courses: number;
  /** Rows that the minutes of the box are put together into, at most. */
  readonly minutes: number;
}

/** What runs now is drawn as well, up to so many. */
const mostRunning = 500;

/** Reads what happened in a span, a page at a time, and adds it up; everybody else has turns meanwhile. */
export class SpanRead {
  readonly names = new Names();
  readonly failures = new Failures();
  readonly memory = new MemoryBalance();
  readonly schedules = new ScheduleTally();
  readonly waits = new Waits();
  readonly cache = { hits: 0, savedMs: 0 };
  readonly bars: Best<Bar>;
  readonly courses: Best<Course>;
  readonly minutes: Thinning;
  readonly #store: Store;
  readonly #span: Span;
  readonly #turns = new Turns();
  readonly #defaultBytes: number;

  constructor(store: Store, defaultBytes: number, asked: Span & Wanted) {
    this.#store = store;
    this.#defaultBytes = defaultBytes;
    this.#span = asked;
    this.bars = new Best(asked.bars, scoreOfBar);
    this.courses = new Best(asked.courses, scoreOfCourse);
    this.minutes = new Thinning(asked.untilAt - asked.sinceAt, asked.minutes);
  }

  /** Everything that ended or was dealt with in the span, what is still going, and how the box was. */
  async read(): Promise<void> {
    await this.#readEnded();
    await this.#readTicks();
    await this.#readMinutes();
    this.#readLive();
  }

  async #readEnded(): Promise<void> {
    const { sinceAt, untilAt } = this.#span;
    let after: EndedAfter | undefined = { endedAt: sinceAt, id: "" };
    while (after !== undefined) {
      const page: EndedRun[] = this.#store.reports.endedAfter(after, untilAt, rowsAtOnce);
      for (const run of page) await this.#add(run);
      after = page.at(-1);
    }
  }

  async #readTicks(): Promise<void> {
    const { sinceAt, untilAt } = this.#span;
    type Cursor = Pick<ReportTick, "at" | "schedule" | "instant">;
    let after: Cursor | undefined = { at: sinceAt, schedule: "", instant: -1 };
    while (after !== undefined) {
      const page: ReportTick[] = this.#store.reports.ticksAfter(after, untilAt, rowsAtOnce);
      for (const each of page) this.schedules.add(each);
      after = page.at(-1);
      await this.#turns.after(page.length);
    }
  }

  async #readMinutes(): Promise<void> {
    let span: Span | undefined = this.#span;
    while (span !== undefined) {
      const page: BoxMinute[] = this.#store.boxMinutes.list(span, rowsAtOnce);
      for (const minute of page) this.minutes.add(minute);
      const last = page.at(-1);
      span = last && { ...span, sinceAt: last.at + 1 };
      await this.#turns.after(page.length);
    }
  }

  /** As many as fit on the box. */
  #readLive(): void {
    const { untilAt } = this.#span;
    for (const row of this.#store.attempts.live()) {
      if (row.createdAt < untilAt) this.#addCourse(this.#store.runs.get(row.runId), row);
    }
    for (const run of this.#store.runs.list({ states: ["running"], limit: mostRunning })) {
      if ((run.startedAt ?? run.createdAt) < untilAt) this.bars.add(run);
    }
  }

  async #add(run: EndedRun): Promise<void> {
    this.failures.add(run);
    this.bars.add(run);
    const { recipe, schedule, hits, savedMs } = this.#about(run);
    this.cache.hits += hits;
    this.cache.savedMs += savedMs;
    let [tookMs, peakNeedBytes] = [0, 0];
    let last: AttemptRow | undefined;
    do {
      const page: AttemptRow[] = this.#store.attempts.ofRunAfter(
        run.id,
        last?.id ?? "",
        rowsAtOnce,
      );
      if (last === undefined) this.#addWait(run, page[0]);
      for (const row of page) {
        tookMs += secondsOf(row) * 1000;
        peakNeedBytes = Math.max(peakNeedBytes, row.peaks?.needBytes ?? 0);
        const curve = this.#addCourse(run, row);
        this.memory.add({ name: run.name, row, firstBytes: this.#firstOf(row), curve });
      }
      last = page.length < rowsAtOnce ? undefined : page.at(-1);
      await this.#turns.after(1 + page.length);
    } while (last !== undefined);
    const { name, state: end } = run;
    const state = end === "succeeded" || end === "failed" ? end : "cancelled";
    this.names.add({ name, state, tookMs, peakNeedBytes, recipe, schedule });
  }

  /** What else is on record of a run, all of it or, when it was collected since it was read, nothing. */
  #about({ id }: EndedRun): {
    readonly recipe: string | undefined;
    readonly schedule: string | undefined;
    readonly hits: number;
    readonly savedMs: number;
  } {
    const { reports, runs, schedules } = this.#store;
    return {
      ...reports.cached(id),
      recipe: runs.plan(id)?.recipe?.name,
      schedule: schedules.tickOfRun(id)?.schedule,
    };
  }

  /** From its submit, or the end of the last run that it had to wait for, to its first attempt. */
  #addWait({ id, name, createdAt }: EndedRun, first: AttemptRow | undefined): void {
    if (first === undefined) return;
    const from = Math.max(createdAt, this.#store.reports.waitedUntil(id) ?? 0);
    this.waits.add({ runId: id, name, from, until: Math.max(from, first.createdAt) });
  }

  #addCourse(run: RunRow | undefined, row: AttemptRow): MemoryCurve | undefined {
    if (run === undefined) return undefined;
    const curve = this.#store.memoryCurves.get(row.id);
    if (curve !== undefined) this.courses.add({ name: run.name, row, curve });
    return curve;
  }

  #firstOf({ runId, step, limitOrigin }: AttemptRow): number {
    if (limitOrigin.kind !== "measured") return 0;
    const { firstBytes, declaredBytes, ceilingBytes } = this.#store.runs.step(runId, step).memory;
    return Math.min(firstBytes ?? declaredBytes ?? this.#defaultBytes, ceilingBytes ?? Infinity);
  }
}

/** What failed is always of interest, then what took long. */
function scoreOfBar({ state, createdAt, startedAt = createdAt, endedAt }: Bar): number {
  if (endedAt === undefined) return Infinity;
  return (state === "failed" ? 1e12 : 0) + endedAt - startedAt;
}

/** What was killed or failed, then what held most for longest. */
function scoreOfCourse({ row }: Course): number {
  const cause = row.outcome?.cause ?? "succeeded";
  const isBad = cause !== "succeeded" && cause !== "cancelled";
  return (isBad ? 1e24 : 0) + row.limitBytes * secondsOf(row);
}
