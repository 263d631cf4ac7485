import type { BlutEvent, EventKind, JsonValue } from "../domain/event.ts";
import { endSentence } from "../domain/end-words.ts";
import { isRunId } from "../domain/ids.ts";
import type { News, NewsItem, NoticeKind } from "../domain/notice.ts";
import { formatDuration } from "../domain/quantity.ts";
import type { Store } from "../store/store.ts";

/** The events that may be news. */
export const toldKinds: readonly EventKind[] = [
  "run.failed",
  "run.succeeded",
  "schedule.paused",
  "schedule.refused",
  "admission.stopped",
  "admission.resumed",
  "daemon.started",
];

/** What decides whether somebody is told. */
export interface NewsParts {
  readonly store: Store;
  /** What the configuration says; it may change while the daemon runs. */
  readonly policy: { readonly on: readonly NoticeKind[] };
}

/** Nothing yet. */
export const noNews: News = {
  items: [],
  counts: { failure: 0, recovery: 0, hold: 0 },
  missedEvents: 0,
};

/** Listed one by one; what is more, or older than half a day when it is found, is only counted. */
const mostItems = 20;
const oldMs = 12 * 3_600_000;

/** Instants that are looked through for one that had a run. */
const ticksLookedAt = 20;

/** One more of what a notice tells. */
export function withItem(news: News, item: NewsItem, now: number): News {
  const counts = { ...news.counts, [item.kind]: news.counts[item.kind] + 1 };
  const isListed = news.items.length < mostItems && now - item.at < oldMs;
  return { ...news, counts, items: isListed ? [...news.items, item] : news.items };
}

/** A success is news only after a failure: most events are none, and cost no change. */
export function mayBeNews({ kind, runId }: BlutEvent, store: Store): boolean {
  if (kind !== "run.succeeded") return true;
  const run = runId !== undefined && isRunId(runId) ? store.runs.get(runId) : undefined;
  return run !== undefined && store.notices.isFailing(run.name);
}

/** Within a change: what an event tells, if anything; a failing name is noted on the way. */
export function newsOf(event: BlutEvent, parts: NewsParts): NewsItem | undefined {
  switch (event.kind) {
    case "run.failed":
      return failureOf(event, parts);
    case "run.succeeded":
      return recoveryOf(event, parts);
    case "schedule.refused":
      return refusalOf(event, parts);
    case "schedule.paused":
    case "admission.stopped":
    case "admission.resumed":
    case "daemon.started":
      return holdOf(event, parts);
    default:
      return undefined;
  }
}

function failureOf(event: BlutEvent, { store, policy }: NewsParts): NewsItem | undefined {
  const { runId, at } = event;
  const run = runId !== undefined && isRunId(runId) ? store.runs.get(runId) : undefined;
  // It was forgotten before anybody could be told.
  if (run === undefined) return undefined;
  const kinds = run.notify ?? policy.on;
  if (!kinds.includes("failure") && !kinds.includes("recovery")) return undefined;
  const failures = store.notices.fail(run.name, at);
  if (!kinds.includes("failure")) return undefined;
  const schedule = store.schedules.tickOfRun(run.id)?.schedule;
  const plan = store.runs.planForWords(run.id);
  const sentence =
    endSentence(run, plan, schedule === undefined ? "person" : "schedule") + inARow(failures);
  const code = run.exitCode === undefined ? {} : { exitCode: run.exitCode };
  const from = schedule === undefined ? {} : { schedule };
  return { kind: "failure", at, name: run.name, sentence, runId: run.id, ...code, ...from };
}

function recoveryOf(event: BlutEvent, { store, policy }: NewsParts): NewsItem | undefined {
  const { runId, at } = event;
  const run = runId !== undefined && isRunId(runId) ? store.runs.get(runId) : undefined;
  const failing = run && store.notices.recover(run.name);
  if (run === undefined || failing === undefined) return undefined;
  if (!(run.notify ?? policy.on).includes("recovery")) return undefined;
  const { failures, since } = failing;
  const ago = formatDuration(Math.max(1, at - since));
  const times = failures === 1 ? `a failure ${ago}` : `${failures} failures in the ${ago}`;
  const sentence = `succeeded, after ${times} before`;
  return { kind: "recovery", at, name: run.name, sentence, runId: run.id };
}

/** An instant of a schedule that could not even queue its run. */
function refusalOf({ at, facts }: BlutEvent, parts: NewsParts): NewsItem | undefined {
  const schedule = textOf(facts["schedule"]);
  const kinds = wordOfSchedule(schedule, parts);
  if (!kinds.includes("failure") && !kinds.includes("recovery")) return undefined;
  const failures = parts.store.notices.fail(schedule, at);
  if (!kinds.includes("failure")) return undefined;
  const sentence = `could not be queued: ${textOf(facts["because"])}${inARow(failures)}`;
  return { kind: "failure", at, name: schedule, sentence, schedule };
}

function holdOf({ kind, at, facts }: BlutEvent, parts: NewsParts): NewsItem | undefined {
  if (kind === "schedule.paused") {
    const schedule = textOf(facts["schedule"]);
    if (!wordOfSchedule(schedule, parts).includes("hold")) return undefined;
    const sentence = `paused after ${numberOf(facts["failures"])} failures in a row; blutctl schedule enable ${schedule} lets it go on`;
    return { kind: "hold", at, name: schedule, sentence, schedule };
  }
  if (!parts.policy.on.includes("hold")) return undefined;
  if (kind === "daemon.started") {
    const lost = numberOf(facts["lost"]);
    if (lost === 0) return undefined;
    const what = lost === 1 ? "1 attempt was" : `${lost} attempts were`;
    const sentence = `${what} lost while blutd was away; those runs are tried again as far as their budget goes`;
    return { kind: "hold", at, name: "blutd", sentence };
  }
  const name = textOf(facts["reason"]);
  const sentence =
    kind === "admission.stopped"
      ? `nothing new starts: ${textOf(facts["message"])}`
      : `work starts again, after ${formatDuration(Math.max(1, numberOf(facts["heldMs"])))}`;
  return { kind: "hold", at, name, sentence };
}

/** What the schedule says of its runs, as its newest run was told. */
function wordOfSchedule(schedule: string, { store, policy }: NewsParts): readonly NoticeKind[] {
  const ticks = store.schedules.ticks(schedule, ticksLookedAt);
  const newest = ticks.find(({ runId }) => runId !== undefined)?.runId;
  return (newest === undefined ? undefined : store.runs.get(newest)?.notify) ?? policy.on;
}

function inARow(failures: number): string {
  return failures === 1 ? "" : ` (${failures} times in a row)`;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function numberOf(value: JsonValue | undefined): number {
  return typeof value === "number" ? value : 0;
}
