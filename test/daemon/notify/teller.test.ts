import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../daemon/base/clock.ts";
import type { EventKind, JsonValue } from "../../../daemon/domain/event.ts";
import { noticeKinds } from "../../../daemon/domain/notice.ts";
import { EventLog } from "../../../daemon/events/event-log.ts";
import { Teller, type TellerParts } from "../../../daemon/notify/teller.ts";
import { WebhookWay } from "../../../daemon/notify/ways/webhook-way.ts";
import type { Store } from "../../../daemon/store/store.ts";
import { aRun, environment, keep, plan, runId } from "../store/support/rows.ts";
import { openStore } from "../store/support/scratch.ts";
import { Receiver, say, sender, type Answer } from "./support.ts";

interface Told {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly text: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly leftOut: number;
  readonly missedEvents: number;
  readonly items: readonly {
    readonly kind: string;
    readonly name: string;
    readonly sentence: string;
  }[];
}

const policy = { on: noticeKinds, retries: 0, intervalMs: 1 };

/** A store and its log, and a teller that posts to a receiver of the test's own. */
class Bed {
  readonly store: Store;
  readonly events: EventLog;
  readonly receiver: Receiver;
  #runs = 0;

  private constructor(store: Store, receiver: Receiver) {
    this.store = store;
    this.receiver = receiver;
    this.events = new EventLog(store, systemClock, { keep: 200_000 });
  }

  static async open(...answers: readonly Answer[]): Promise<Bed> {
    return new Bed(openStore(), await Receiver.open(...answers));
  }

  teller(more: Partial<TellerParts> = {}): Teller {
    const { store, events } = this;
    const webhook = { url: this.receiver.url, timeoutMs: 20_000, clock: systemClock, version: "0" };
    const teller = new Teller({
      ...{ store, events, clock: systemClock, sender },
      ways: () => [new WebhookWay(webhook)],
      ...{ policy, gatherMs: 50, ...more },
    });
    teller.start();
    onTestFinished(() => teller.stop());
    return teller;
  }

  /** From the beginning of the log, so that what is there already is read at one go. */
  tellerOfAll(more: Partial<TellerParts> = {}): Promise<Teller> {
    return keep(this.store, () => {
      this.store.settings.set("notify.cursor", 0);
    }).then(() => this.teller(more));
  }

  /** Ends a run of this name, as the executor would. */
  async end(
    name: string,
    to: "succeeded" | "failed",
    more: Partial<Parameters<typeof aRun>[1]> = {},
  ): Promise<void> {
    const { store, events } = this;
    const number = ++this.#runs;
    await keep(store, () => {
      store.runs.insert(aRun(number, { name, ...more }), plan, environment);
      const id = runId(number);
      store.runs.move(id, "running", { at: 1 });
      const outcome = { cause: "failed", exitCode: 3 } as const;
      const end = { kind: "outcome", step: "main", outcome } as const;
      store.runs.move(id, to, { at: 2, ...(to === "failed" && { end, exitCode: 3 }) });
      events.append(`run.${to}`, { runId: id });
    });
  }

  async note(kind: EventKind, facts: Readonly<Record<string, JsonValue>>): Promise<void> {
    await keep(this.store, () => {
      this.events.append(kind, { facts });
    });
  }

  get told(): Told[] {
    return this.receiver.posted.map(({ body }) => JSON.parse(body) as Told);
  }

  /** Waits until so many notices have come and been put down. */
  async over(count: number): Promise<Told[]> {
    await expect
      .poll(() => this.store.notices.newest(100).filter(({ state }) => state === "over").length)
      .toBe(count);
    return this.told;
  }

  kinds(): string[] {
    return this.events.since(0, 100_000).map(({ kind }) => kind);
  }
}

describe("a notice", () => {
  test("tells of a failure, and of the first success of that name after it", async () => {
    const bed = await Bed.open(say(200));
    bed.teller();
    await bed.end("other", "succeeded");
    await bed.end("encode", "failed");
    await bed.over(1);
    await bed.end("encode", "failed");
    await bed.over(2);
    await bed.end("encode", "succeeded");
    const told = await bed.over(3);
    expect(told).toMatchObject([
      {
        kind: "failure",
        title: "blut on box: encode failed",
        text: "failed: the command exited with 3; its log may say why",
        items: [{ name: "encode", runId: runId(2), exitCode: 3 }],
      },
      {
        kind: "failure",
        items: [{ sentence: expect.stringContaining("(2 times in a row)") as string }],
      },
      {
        kind: "recovery",
        title: "blut on box: encode is well again",
        items: [{ name: "encode", runId: runId(4) }],
      },
    ]);
    expect(new Set(told.map(({ id }) => id)).size).toBe(3);
    await bed.end("encode", "succeeded");
    await bed.end("last", "failed");
    expect(await bed.over(4)).toMatchObject([{}, {}, {}, { title: "blut on box: last failed" }]);
  });

  test("a burst of 500 failures is one, which lists some and counts the rest", async () => {
    const bed = await Bed.open(say(200));
    await Promise.all(Array.from({ length: 500 }, (_, i) => bed.end(`sweep-${i}`, "failed")));
    await bed.tellerOfAll({ policy: { ...policy, intervalMs: 60_000 } });
    const [told] = await bed.over(1);
    expect(told).toMatchObject({ title: "blut on box: 500 failures", leftOut: 480 });
    expect(told?.counts).toEqual({ failure: 500, recovery: 0, hold: 0 });
    expect(told?.items).toHaveLength(20);
    expect(told?.text.split("\n").at(-1)).toBe("and 480 more: blutctl runs");
    expect(bed.store.notices.newest(9)).toHaveLength(1);
  });

  test("what happens while one is on its way or too early is gathered in the next", async () => {
    let answer = (): void => undefined;
    const bed = await Bed.open((response) => {
      answer = () => response.end();
    }, say(200));
    bed.teller();
    await bed.end("first", "failed");
    await expect.poll(() => bed.told.length).toBe(1);
    for (let i = 0; i < 30; i++) await bed.end(`storm-${i}`, "failed");
    await expect.poll(() => bed.store.notices.open()?.news.counts.failure).toBe(30);
    expect(bed.told).toHaveLength(1);
    answer();
    expect((await bed.over(2))[1]).toMatchObject({
      title: "blut on box: 30 failures",
      leftOut: 10,
    });
  });

  test("says nothing of runs that were to be silent, and only what they ask for", async () => {
    const bed = await Bed.open(say(200));
    await bed.end("quiet", "failed", { notify: [] });
    await bed.end("quiet", "succeeded", { notify: [] });
    await bed.end("comes-back", "failed", { notify: ["recovery"] });
    await bed.end("comes-back", "succeeded", { notify: ["recovery"] });
    await bed.end("normal", "failed");
    await bed.end("normal", "succeeded", { notify: ["recovery"] });
    await bed.tellerOfAll({ policy: { ...policy, on: ["failure"] } });
    const [told] = await bed.over(1);
    expect(told?.items.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      "comes-back recovery",
      "normal failure",
      "normal recovery",
    ]);
    expect(told).toMatchObject({ kind: "mixed", title: "blut on box: 1 failure, 2 recoveries" });
  });

  test("tells what is held, and what was lost while no daemon was there", async () => {
    const bed = await Bed.open(say(200));
    await bed.note("daemon.started", { lost: 0 });
    await bed.note("daemon.started", { lost: 2 });
    await bed.note("schedule.paused", { schedule: "nightly", failures: 5 });
    await bed.note("schedule.refused", { schedule: "weekly", because: "no such recipe" });
    await bed.note("admission.stopped", { reason: "memory-pressure", message: "short of memory" });
    await bed.note("admission.resumed", { reason: "admission", heldMs: 720_000 });
    await bed.tellerOfAll();
    const [told] = await bed.over(1);
    expect(told?.counts).toEqual({ failure: 1, recovery: 0, hold: 4 });
    expect(told?.text.split("\n")).toEqual([
      "blutd: 2 attempts were lost while blutd was away; those runs are tried again as far as their budget goes",
      "nightly: paused after 5 failures in a row; blutctl schedule enable nightly lets it go on",
      "weekly: could not be queued: no such recipe",
      "memory-pressure: nothing new starts: short of memory",
      "admission: work starts again, after 12m",
    ]);
  });

  test("of a schedule says what its runs were to say", async () => {
    const bed = await Bed.open(say(200));
    await bed.end("nightly", "failed", { notify: [] });
    await keep(bed.store, () => {
      const tick = {
        schedule: "nightly",
        instant: 1,
        cause: "clock",
        state: "fired",
        at: 1,
      } as const;
      bed.store.schedules.insertTick({ ...tick, runId: runId(1) });
    });
    bed.teller();
    await bed.note("schedule.paused", { schedule: "nightly", failures: 5 });
    await bed.end("after", "failed");
    expect((await bed.over(1))[0]?.items.map(({ name }) => name)).toEqual(["after"]);
  });
});

describe("a daemon that dies", () => {
  test("before it read what happened: the next one tells it, once", async () => {
    const bed = await Bed.open(say(200));
    const first = bed.teller();
    await bed.end("told", "failed");
    await bed.over(1);
    await first.stop();
    await bed.end("untold", "failed");
    bed.teller();
    expect((await bed.over(2)).map(({ title }) => title)).toEqual([
      "blut on box: told failed",
      "blut on box: untold failed",
    ]);
  });

  test("while one is on its way: it goes again under the same id", async () => {
    const bed = await Bed.open(() => undefined, say(200));
    const first = bed.teller();
    await bed.end("encode", "failed");
    await expect.poll(() => bed.told.length).toBe(1);
    await first.stop();
    bed.teller();
    const [once, again] = await bed.over(1);
    expect(again).toEqual(once);
  });

  test("and is away for long: what is old is only counted, and what the log dropped, too", async () => {
    const bed = await Bed.open(say(200));
    const first = bed.teller();
    await bed.end("told", "failed");
    await bed.over(1);
    await first.stop();
    const { last } = bed.events.bounds();
    await keep(bed.store, () => {
      for (let i = 0; i < 9; i++) bed.events.append("run.queued");
      bed.store.events.trim(1);
      bed.store.events.append({
        ...{ kind: "schedule.paused", at: systemClock.now() - 86_400_000 },
        facts: { schedule: "old", failures: 3 },
      });
    });
    bed.teller();
    const told = (await bed.over(2))[1];
    expect(told).toMatchObject({ counts: { hold: 1 }, items: [], leftOut: 1, missedEvents: 8 });
    expect(told?.text).toBe("and 1 more: blutctl runs\n8 events before that were dropped unseen");
    expect(bed.events.bounds().last).toBeGreaterThan(last);
  });
});

describe("a way", () => {
  test("that fails is on record once until it works again, and the doctor can tell", async () => {
    const bed = await Bed.open(say(404), say(410), say(200));
    const teller = bed.teller();
    for (const [i, name] of ["a", "b"].entries()) {
      await bed.end(name, "failed");
      await bed.over(i + 1);
    }
    expect(teller.standing()).toMatchObject({
      ways: ["webhook"],
      failing: { webhook: { failures: 2, because: "it answered 410" } },
    });
    expect(bed.kinds().filter((kind) => kind === "notify.failed")).toHaveLength(1);
    await bed.end("c", "failed");
    await bed.over(3);
    expect(teller.standing().failing).toEqual({});
    expect(bed.kinds().filter((kind) => kind.startsWith("notify."))).toEqual([
      "notify.failed",
      "notify.restored",
    ]);
  });

  test("that is first set tells nothing of what was before it; with none nothing is read at all", async () => {
    const bed = await Bed.open(say(200));
    const none = bed.teller({ ways: () => [] });
    await bed.end("before", "failed");
    await none.stop();
    expect(bed.store.settings.get("notify.cursor")).toBeUndefined();
    bed.teller();
    await bed.end("after", "failed");
    expect((await bed.over(1))[0]?.title).toBe("blut on box: after failed");
  });

  test("that is set again tells nothing of the time in which there was none", async () => {
    const bed = await Bed.open(say(200));
    const first = bed.teller();
    await bed.end("told", "failed");
    await bed.over(1);
    await first.stop();
    await bed.end("while no daemon was there", "failed");
    const none = bed.teller({ ways: () => [] });
    await expect.poll(() => bed.store.settings.get("notify.cursor")).toBeUndefined();
    await bed.end("unheard", "failed");
    await none.stop();
    bed.teller();
    await bed.end("after", "failed");
    expect((await bed.over(2))[1]).toMatchObject({ title: "blut on box: after failed" });
  });

  test("that is not there any more takes with it what was on its way", async () => {
    const bed = await Bed.open(() => undefined, say(200));
    const first = bed.teller();
    await bed.end("on its way", "failed");
    await expect.poll(() => bed.told.length).toBe(1);
    await first.stop();
    bed.teller({ ways: () => [] });
    await bed.over(1);
    expect(bed.store.notices.newest(1)).toMatchObject([{ outcomes: [] }]);
    expect(bed.told).toHaveLength(1);
  });
});
