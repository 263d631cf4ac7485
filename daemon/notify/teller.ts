import { TurnTaking } from "../base/turn-taking.ts";
import type { NotifyPolicy } from "../config/config.ts";
import type { NoticeOutcome, NewsItem } from "../domain/notice.ts";
import { ok } from "../domain/result.ts";
import type { NoticeRow } from "../store/notices.ts";
import { Courier } from "./courier.ts";
import { Gatherer, newNoticeId, type GathererParts } from "./gatherer.ts";
import { messageOf, testMessage, type Message, type Sender } from "./message.ts";
import { noNews, toldKinds, withItem } from "./news.ts";
import { countOutcomes, streaksOf, type Streaks } from "./standing.ts";
import type { Way } from "./ways/way.ts";

/** What people are told by. */
export interface TellerParts extends GathererParts {
  /** May change while the daemon runs, and so may the ways. */
  readonly policy: Pick<NotifyPolicy, "on" | "retries" | "intervalMs">;
  readonly ways: () => readonly Way[];
  /** What happens together is told together. */
  readonly gatherMs: number;
  readonly sender: Sender;
}

/** Events of one burst are read at once, and nobody's run waits for that. */
const restMs = 100;
/** After a full disk. */
const tryAgainMs = 10_000;

/**
 * Tells people what happened. At most one notice is on its way and one takes in what happens meanwhile, so
 * a storm becomes one notice with counts, and a way that hangs holds up nothing but the next notice.
 *
 *     events --gather--> open notice --gatherMs, intervalMs--> due --every way--> over
 *
 * A daemon that dies finds the notice as it was: one that was due goes out again, under the same id.
 */
export class Teller {
  readonly #parts: TellerParts;
  readonly #gatherer: Gatherer;
  readonly #courier: Courier;
  readonly #aborted = new AbortController();
  readonly #turns = new TurnTaking();
  #isWoken = false;
  #disarm: (() => void) | undefined;
  #disarmSend: (() => void) | undefined;
  #sending: Promise<void> | undefined;
  #stopListening: (() => void) | undefined;
  /** Monotonic; the next notice does not go before. */
  #notBeforeMs = 0;
  /** What came of a notice, until it is on disk. */
  #outcomes: { readonly id: string; readonly outcomes: readonly NoticeOutcome[] } | undefined;

  constructor(parts: TellerParts) {
    this.#parts = parts;
    this.#gatherer = new Gatherer(parts);
    this.#courier = new Courier(parts);
  }

  /** Takes up what an earlier daemon left. */
  start(): void {
    const { events, store, clock, policy } = this.#parts;
    const { intervalMs } = policy;
    const [last] = store.notices.newest(3).filter(({ state }) => state === "over");
    const sinceLastMs = clock.now() - (last?.overAt ?? -Infinity);
    this.#notBeforeMs =
      clock.monotonic() + Math.min(intervalMs, Math.max(0, intervalMs - sinceLastMs));
    this.#gatherer.start();
    this.#stopListening = events.onAppend(({ kind }) => {
      if (toldKinds.includes(kind)) this.#wake(restMs);
    });
    this.#wake(0);
  }

  /** Calls off what is on its way: the next daemon sends it again. */
  async stop(): Promise<void> {
    this.#stopListening?.();
    this.#aborted.abort();
    this.#disarm?.();
    this.#disarmSend?.();
    await this.#turns.settled();
    await this.#sending;
    if (this.#parts.ways().length > 0) await this.#gatherer.save();
  }

  /** Sends a test all ways, once; how the ways stand is known better after it. */
  async test(): Promise<readonly NoticeOutcome[]> {
    const { store, clock, sender } = this.#parts;
    const outcomes = await this.#courier.tryOnce(testMessage(newNoticeId(), clock.now(), sender));
    // A disk that does not take it is told of elsewhere, and whoever asked has the outcomes.
    await store.write(() => {
      countOutcomes(this.#parts, outcomes, clock.now());
      return ok(undefined);
    });
    return outcomes;
  }

  /** Tells of something that cannot be put on disk, now and without a record. */
  tellUnrecorded(item: NewsItem): void {
    const { policy, clock, sender } = this.#parts;
    if (!policy.on.includes(item.kind)) return;
    const now = clock.now();
    const notice = { id: newNoticeId(), openedAt: now, news: withItem(noNews, item, now) };
    void this.#courier.deliver(messageOf(notice, sender), this.#aborted.signal);
  }

  /** The ways that are set, and those of them that fail. */
  standing(): { readonly ways: readonly Way["name"][]; readonly failing: Streaks } {
    const ways = this.#parts.ways().map(({ name }) => name);
    const failing = Object.entries(streaksOf(this.#parts.store)).filter(([way]) =>
      ways.some((name) => name === way),
    );
    return { ways, failing: Object.fromEntries(failing) };
  }

  /** A notice in words. */
  messageOf(notice: NoticeRow): Message {
    return messageOf(notice, this.#parts.sender);
  }

  #wake(ms: number): void {
    if (this.#isWoken || this.#aborted.signal.aborted) return;
    this.#isWoken = true;
    this.#disarm = this.#parts.clock.after(ms, () => {
      this.#isWoken = false;
      void this.#turns.inTurn(async () => {
        // Whoever has no way to be told misses nothing, and is not told of it later.
        const isHeard = this.#parts.ways().length > 0;
        const read = isHeard ? await this.#gatherer.gather() : await this.#gatherer.skip();
        if (!read.ok) this.#wake(tryAgainMs);
        this.#armSend();
      });
    });
  }

  /** Sends what is due, or waits until the open notice is. */
  #armSend(): void {
    this.#disarmSend?.();
    if (this.#sending !== undefined || this.#aborted.signal.aborted) return;
    const { store, clock, gatherMs } = this.#parts;
    if (store.notices.due() !== undefined) {
      this.#send();
      return;
    }
    const open = store.notices.open();
    if (open === undefined) return;
    const ageMs = Math.max(0, clock.now() - open.openedAt);
    const waitMs = Math.max(gatherMs - ageMs, this.#notBeforeMs - clock.monotonic(), 0);
    this.#disarmSend = clock.after(waitMs, () => {
      this.#send();
    });
  }

  #send(): void {
    if (this.#sending !== undefined || this.#aborted.signal.aborted) return;
    this.#sending = this.#sendOne().then((waitMs) => {
      this.#sending = undefined;
      if (this.#aborted.signal.aborted) return;
      if (waitMs === 0) this.#armSend();
      else
        this.#disarmSend = this.#parts.clock.after(waitMs, () => {
          this.#armSend();
        });
    });
  }

  /** One notice from open to over; answers how long to wait before the next look. */
  async #sendOne(): Promise<number> {
    const { store, clock, sender, policy } = this.#parts;
    const notice = store.notices.due() ?? (await this.#close());
    if (notice === undefined) return tryAgainMs;
    if (this.#outcomes?.id !== notice.id) {
      const message = messageOf(notice, sender);
      const outcomes = await this.#courier.deliver(message, this.#aborted.signal);
      this.#notBeforeMs = clock.monotonic() + policy.intervalMs;
      if (outcomes === undefined) return 0;
      this.#outcomes = { id: notice.id, outcomes };
    }
    const { outcomes } = this.#outcomes;
    const written = await store.write(() => {
      const at = clock.now();
      store.notices.end(notice.id, at, outcomes);
      countOutcomes(this.#parts, outcomes, at);
      return ok(undefined);
    });
    return written.ok ? 0 : tryAgainMs;
  }

  /** Undefined when the disk did not take it. */
  async #close(): Promise<NoticeRow | undefined> {
    const { store } = this.#parts;
    const open = store.notices.open();
    if (open === undefined) return undefined;
    const written = await store.write(() => {
      store.notices.close(open.id);
      return ok(store.notices.due());
    });
    return written.ok ? written.value : undefined;
  }
}
