import { randomBytes } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import type { BlutEvent } from "../domain/event.ts";
import type { Failure } from "../domain/failure.ts";
import { ok, type Result } from "../domain/result.ts";
import type { EventLog } from "../events/event-log.ts";
import { mayBeNews, newsOf, noNews, toldKinds, withItem, type NewsParts } from "./news.ts";

/** What news are gathered from. */
export interface GathererParts extends NewsParts {
  readonly events: EventLog;
  readonly clock: Clock;
}

const setting = "notify.cursor";
const pageSize = 500;
/** Events that were no news and may be read once more after a crash. */
const unsavedEvents = 1000;

/**
 * Reads the event log from a cursor that outlives the daemon and puts what is news into the open notice,
 * in the transaction that moves the cursor: nothing is told of twice, and nothing is left out but what the
 * log itself dropped, which is counted.
 */
export class Gatherer {
  readonly #parts: GathererParts;
  #seen = 0;
  #saved = 0;
  #missed = 0;

  constructor(parts: GathererParts) {
    this.#parts = parts;
  }

  /** Takes up where an earlier daemon was. Whoever is told for the first time hears of what comes now. */
  start(): void {
    const { store, events } = this.#parts;
    const { first, last } = events.bounds();
    const cursor = store.settings.get(setting);
    this.#seen = typeof cursor === "number" ? Math.min(cursor, last) : last;
    this.#missed = Math.max(0, first - this.#seen - 1);
    this.#saved = typeof cursor === "number" ? cursor : -unsavedEvents;
  }

  /** What happened so far is nobody's news, nor will it be: the next who is told is told for the first time. */
  async skip(): Promise<Result<void, Failure>> {
    const { store, events } = this.#parts;
    this.#seen = events.bounds().last;
    this.#missed = 0;
    if (store.settings.get(setting) === undefined) return ok(undefined);
    const forgotten = await store.write(() => {
      store.settings.delete(setting);
      return ok(undefined);
    });
    if (forgotten.ok) this.#saved = -unsavedEvents;
    return forgotten;
  }

  /** Reads on to the end of the log. */
  async gather(): Promise<Result<void, Failure>> {
    const { store, events } = this.#parts;
    for (;;) {
      const { last } = events.bounds();
      const page = store.events.sinceOf(toldKinds, this.#seen, pageSize);
      const isLast = page.length < pageSize;
      const until = isLast ? last : (page.at(-1)?.seq ?? last);
      const news = page.filter((event) => mayBeNews(event, store));
      // A success may come after a failure of the same page.
      const isNews = news.some(({ kind }) => kind !== "run.succeeded") ? page : news;
      if (isNews.length > 0 || until - this.#saved >= unsavedEvents) {
        const written = await this.#put(isNews, until);
        if (!written.ok) return written;
      }
      this.#seen = until;
      if (isLast) return ok(undefined);
    }
  }

  /** Puts down how far it has come. */
  async save(): Promise<void> {
    if (this.#seen !== this.#saved) await this.#put([], this.#seen);
  }

  async #put(page: readonly BlutEvent[], until: number): Promise<Result<void, Failure>> {
    const { store, clock } = this.#parts;
    const written = await store.write(() => {
      const open = store.notices.open();
      const now = clock.now();
      let news = open?.news ?? noNews;
      let isChanged = false;
      for (const event of page) {
        const item = newsOf(event, this.#parts);
        if (item === undefined) continue;
        news = withItem(news, item, now);
        isChanged = true;
      }
      if (isChanged) {
        news = { ...news, missedEvents: news.missedEvents + this.#missed };
        if (open === undefined) store.notices.insert(newNoticeId(), now, news);
        else store.notices.setNews(open.id, news);
        store.notices.trimNames();
      }
      store.settings.set(setting, until);
      return ok(isChanged);
    });
    if (!written.ok) return written;
    if (written.value) this.#missed = 0;
    this.#saved = until;
    return ok(undefined);
  }
}

/** A name for a notice that no other box gives. */
export function newNoticeId(): string {
  return `ntc_${randomBytes(12).toString("hex")}`;
}
