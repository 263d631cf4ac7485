import type { AdmissionPolicy, MemoryPolicy } from "../config/config.ts";
import type { WaitReason } from "../domain/reservation.ts";
import type { BoxTotals, Span } from "../store/box-minutes.ts";
import type { Store } from "../store/store.ts";
import { daemonLife, type DaemonLife } from "./daemon-life.ts";
import { needingSomebody, type FailureGroup } from "./failures.ts";
import type { MemoryFigures } from "./memory-balance.ts";
import type { NameFigures } from "./names.ts";
import { SpanRead, type Bar, type Course, type Wanted } from "./span-read.ts";
import type { ScheduleFigures } from "./schedules.ts";
import type { ThinMinutes } from "./thin-minutes.ts";
import { mainReason, type WaitFigures } from "./waits.ts";

/** What a report covers, and how much of what is drawn one by one it holds. */
export type ReportAsk = Span & Wanted;

/** What happened in a span, as figures. Runs count where they ended; times are epoch ms. */
export interface Report {
  readonly totals: Pick<NameFigures, "succeeded" | "failed" | "cancelled">;
  readonly names: readonly NameFigures[];
  readonly moreNames: number;
  /** Names that failed and have not recovered. */
  readonly needYou: number;
  readonly failures: readonly FailureGroup[];
  readonly memory: MemoryFigures;
  readonly box: BoxTotals;
  readonly waits?: WaitFigures & { readonly why?: WaitReason };
  readonly cache: { readonly hits: number; readonly savedMs: number };
  readonly schedules: readonly ScheduleFigures[];
  readonly paused: readonly { name: string; pausedAt: number; failures: number }[];
  readonly daemon: DaemonLife;
  readonly minutes: ThinMinutes;
  readonly bars: readonly Bar[];
  readonly moreBars: number;
  readonly courses: readonly Course[];
}

/** What is asked, and by which thresholds it is judged. */
export interface ReportParts {
  readonly store: Store;
  readonly memory: Pick<MemoryPolicy, "defaultBytes">;
  readonly admission: Pick<AdmissionPolicy, "pressureStopPercent">;
  /** How a schedule stands now: one that is off, or gone, is nobody's concern. */
  readonly stateOf: (name: string) => "on" | "off" | "paused" | undefined;
}

const mostNames = 12;

/** Reads a report together, page by page, so that nobody else waits for it. */
export async function makeReport(parts: ReportParts, ask: ReportAsk): Promise<Report> {
  const { store, memory, admission } = parts;
  const { sinceAt, untilAt } = ask;
  const read = new SpanRead(store, memory.defaultBytes, ask);
  await read.read();
  const failures = read.failures.groups();
  const { names, more: moreNames } = read.names.longest(mostNames);
  const schedules = read.schedules.figures();
  const paused = store.reports
    .pausedSchedules()
    .filter(({ name, pausedAt }) => pausedAt < untilAt && parts.stateOf(name) === "paused");
  const refused = read.schedules.refused.filter((name) => parts.stateOf(name) === "on");
  const waits = read.waits.figures();
  const why = waits && mainReason(store.boxMinutes.headWaits(within(waits.longest)));
  return {
    totals: read.names.totals(),
    names,
    moreNames,
    needYou: needingSomebody(failures, paused, refused),
    failures,
    memory: read.memory.figures(),
    box: store.boxMinutes.totals(ask, admission.pressureStopPercent),
    ...(waits !== undefined && { waits: { ...waits, ...(why !== undefined && { why }) } }),
    cache: read.cache,
    schedules,
    paused,
    daemon: daemonLife(store.reports.daemonLife(ask), sinceAt),
    minutes: read.minutes.thin(),
    bars: read.bars.values(),
    moreBars: read.bars.more,
    courses: read.courses.values(),
  };
}

/** The minutes that end within a wait. */
function within({ from, until }: WaitFigures["longest"]): Span {
  return { sinceAt: from - 59_999, untilAt: until - 59_999 };
}
