import { setImmediate } from "node:timers/promises";
import type { RunRow } from "../store/run-row.ts";
import type { AttemptRow } from "../store/attempts.ts";
import type { MemoryCurve } from "../domain/memory-curve.ts";
import type { Span } from "../store/box-minutes.ts";
import type { EndedRun, ReportTick } from "../store/reports.ts";
import type { Store } from "../store/store.ts";
import { Best } from "./best.ts";
import { Failures } from "./failures.ts";
import { MemoryBalance, secondsOf } from "./memory-balance.ts";
import { Names, type CountedRun } from "./names.ts";
import { ScheduleTally } from "./schedules.ts";
import type { Waited } from "./waits.ts";

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
}

/** Between two pages everybody else has a turn. */
const pageSize = 500;

/** Reads what happened in a span, a page at a time, and adds it up. */
export class RunsRead {
  readonly names = new Names();
  readonly failures = new Failures();
  readonly memory = new MemoryBalance();
  readonly schedules = new ScheduleTally();
  readonly waits: Waited[] = [];
  readonly cache = { hits: 0, savedMs: 0 };
  readonly bars: Best<Bar>;
  readonly courses: Best<Course>;
  readonly #store: Store;
  readonly #defaultBytes: number;

  constructor(store: Store, defaultBytes: number, wanted: Wanted) {
    this.#store = store;
    this.#defaultBytes = defaultBytes;
    this.bars = new Best(wanted.bars, scoreOfBar);
    this.courses = new Best(wanted.courses, scoreOfCourse);
  }

  /** Everything that ended or was dealt with in the span, and what is still going. */
  async read({ sinceAt, untilAt }: Span): Promise<void> {
    const { reports } = this.#store;
    let after = { endedAt: sinceAt, id: "" };
    for (;;) {
      const page = reports.endedAfter(after, untilAt, pageSize);
      for (const run of page) this.#add(run);
      const last = page.at(-1);
      if (last === undefined) break;
      after = last;
      await setImmediate();
    }
    let tick: Pick<ReportTick, "at" | "schedule" | "instant"> = {
      ...{ at: sinceAt, schedule: "", instant: -1 },
    };
    for (;;) {
      const page = reports.ticksAfter(tick, untilAt, pageSize * 4);
      for (const each of page) this.schedules.add(each);
      const last = page.at(-1);
      if (last === undefined) break;
      tick = last;
      await setImmediate();
    }
    for (const { id, runId } of this.#store.attempts.live()) {
      const row = this.#store.attempts.get(id);
      if (row !== undefined && row.createdAt >= untilAt) continue;
      this.#addCourse(this.#store.runs.get(runId), row);
    }
    for (const run of this.#store.runs.list({ states: ["running"], limit: pageSize })) {
      if ((run.startedAt ?? run.createdAt) < untilAt) this.bars.add(run);
    }
  }

  #add(run: EndedRun): void {
    const { attempts, reports } = this.#store;
    const rows = attempts.ofRun(run.id);
    this.names.add(this.#counted(run, rows));
    this.failures.add(run);
    this.bars.add(run);
    this.#addWait(run, rows[0]);
    const { hits, savedMs } = reports.cached(run.id);
    this.cache.hits += hits;
    this.cache.savedMs += savedMs;
    for (const row of rows) {
      const curve = this.#addCourse(run, row);
      this.memory.add({ name: run.name, row, firstBytes: this.#firstOf(row), curve });
    }
  }

  #counted(run: EndedRun, rows: readonly AttemptRow[]): CountedRun {
    const { name, state, id } = run;
    const { runs, schedules } = this.#store;
    return {
      name,
      state: state === "succeeded" || state === "failed" ? state : "cancelled",
      tookMs: rows.reduce((sum, row) => sum + secondsOf(row), 0) * 1000,
      peakNeedBytes: Math.max(0, ...rows.map(({ peaks }) => peaks?.needBytes ?? 0)),
      recipe: runs.plan(id)?.recipe?.name,
      schedule: schedules.tickOfRun(id)?.schedule,
    };
  }

  /** From its submit, or the end of the last run that it had to wait for, to its first attempt. */
  #addWait({ id, name, createdAt }: EndedRun, first: AttemptRow | undefined): void {
    if (first === undefined) return;
    const from = Math.max(createdAt, this.#store.reports.waitedUntil(id) ?? 0);
    this.waits.push({ runId: id, name, from, until: Math.max(from, first.createdAt) });
  }

  #addCourse(run: RunRow | undefined, row: AttemptRow | undefined): MemoryCurve | undefined {
    if (run === undefined || row === undefined) return undefined;
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
