import type { Clock } from "../../base/clock.ts";
import { digestOf } from "../../base/digest.ts";
import { ok } from "../../domain/result.ts";
import type { EventLog } from "../../events/event-log.ts";
import type { Store } from "../../store/store.ts";
import { delayOf } from "../delay.ts";
import type { Schedule } from "../read-schedule.ts";
import type { ShelfNews } from "./shelf.ts";

/** What news of files are written to. */
export interface NewsParts {
  readonly store: Store;
  readonly events: EventLog;
  readonly clock: Clock;
}

/** News that share a change: more would hold the event loop too long. */
const together = 200;

type Loaded = Extract<ShelfNews, { kind: "loaded" }>;
type Broken = Extract<ShelfNews, { kind: "broken" }>;

/**
 * Puts what changed in the files on record, and from when on each schedule counts. `isFirst` is what a
 * daemon finds at its start: what changed may have changed long ago.
 */
export async function recordNews(
  parts: NewsParts,
  news: readonly ShelfNews[],
  isFirst: boolean,
): Promise<void> {
  for (let from = 0; from < news.length; from += together) {
    await parts.store.write(() => {
      for (const each of news.slice(from, from + together)) record(parts, each, isFirst);
      return ok(undefined);
    });
  }
}

function record(parts: NewsParts, news: ShelfNews, isFirst: boolean): void {
  const { store, events } = parts;
  const { kind, name } = news;
  if (kind === "broken") {
    recordBroken(parts, news);
    return;
  }
  if (kind === "removed") store.scheduleFiles.drop(name);
  else {
    store.scheduleFiles.put({ name, text: news.text });
    begin(parts, news, isFirst);
  }
  events.append(`schedule.${kind}`, { facts: { schedule: name } });
}

/** Told once, whichever daemon saw it first. */
function recordBroken({ store, events }: NewsParts, { name, file, text, problems }: Broken): void {
  const known = store.scheduleFiles.get(name);
  const toldDigest = digestOf(text);
  if (known?.toldDigest === toldDigest) return;
  store.scheduleFiles.put({ ...known, name, toldDigest });
  const [problem] = problems;
  const { field = "", message = "" } = problem ?? {};
  const because = field === "" ? message : `${field}: ${message}`;
  events.append("schedule.broken", { facts: { schedule: name, file, because } });
}

/** Instants from before a rule was written are none of it. */
function begin({ store, clock }: NewsParts, news: Loaded, isFirst: boolean): void {
  const { name, schedule, before, writtenAt } = news;
  const row = store.schedules.get(name);
  if (row !== undefined && before !== undefined && !isOtherRule(before, schedule)) return;
  const now = clock.now();
  const isKnown = row !== undefined && before !== undefined;
  const since = isFirst && isKnown ? Math.min(now, writtenAt) : now;
  const handledAt = Math.max(row?.handledAt ?? 0, since - delayOf(schedule));
  store.schedules.put({ failures: 0, retries: 0, ...row, name, handledAt });
}

function isOtherRule(before: Schedule, after: Schedule): boolean {
  if (!before.enabled && after.enabled) return true;
  if (before.zone.name !== after.zone.name) return true;
  return JSON.stringify(before.timing.trigger) !== JSON.stringify(after.timing.trigger);
}
