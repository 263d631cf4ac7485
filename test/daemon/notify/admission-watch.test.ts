import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { noticeKinds } from "../../../daemon/domain/notice.ts";
import { EventLog } from "../../../daemon/events/event-log.ts";
import type { AdmissionStop } from "../../../daemon/notify/admission-watch.ts";
import { Telling } from "../../../daemon/notify/telling.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { aRun, insertReadyRun, keep, runId } from "../store/support/rows.ts";
import { openStore, scratchDirectory } from "../store/support/scratch.ts";
import { Receiver, say } from "./support.ts";

const minute = 60_000;
const short = { reason: "memory-pressure", message: "the box is short of memory" };

/** Whoever tells of a box on which nothing starts, with a clock that the test moves. */
class Bed {
  readonly clock = new FakeClock();
  readonly file = join(scratchDirectory(), "blut.db");
  readonly store = openStore(this.file);
  readonly events = new EventLog(this.store, this.clock, { keep: 1000 });
  stop: AdmissionStop | undefined;
  looks = 0;

  constructor(url?: string) {
    const policy = {
      on: noticeKinds,
      desktop: false,
      timeoutMs: minute,
      retries: 0,
      intervalMs: 1,
    };
    const telling = new Telling({
      ...{ store: this.store, events: this.events, clock: this.clock, version: "0.0.0" },
      policy: url === undefined ? policy : { ...policy, webhook: { url } },
      busAddress: "unix:path=/",
      lookAtAdmission: () => {
        this.looks += 1;
        return this.stop;
      },
    });
    telling.start();
    onTestFinished(() => telling.stop());
  }

  async queue(n: number): Promise<void> {
    await keep(this.store, () => {
      insertReadyRun(this.store, aRun(n));
      this.events.append("run.queued", { runId: runId(n) });
    });
  }

  async cancel(n: number): Promise<void> {
    await keep(this.store, () => {
      const end = { kind: "cancelled-while-queued" } as const;
      this.store.ready.delete(runId(n), "main");
      this.store.runs.move(runId(n), "cancelled", { at: this.clock.now(), end });
      this.events.append("run.cancelled", { runId: runId(n) });
    });
  }

  /** What has been put on record of admission, once every change so far is on the disk. */
  async told(): Promise<unknown[]> {
    await keep(this.store, () => undefined);
    const all = this.events.since(0, 1000);
    return all
      .filter(({ kind }) => kind.startsWith("admission."))
      .map(({ kind, facts }) => [kind, facts]);
  }
}

describe("that nothing starts", () => {
  test("is told once it has lasted five minutes, and that it is over as well", async () => {
    const bed = new Bed();
    await bed.queue(1);
    bed.stop = short;
    bed.clock.pass(5.9 * minute);
    expect(await bed.told()).toStrictEqual([]);
    bed.clock.pass(10 * minute);
    const stopped = ["admission.stopped", short];
    expect(await bed.told()).toStrictEqual([stopped]);
    bed.stop = undefined;
    bed.clock.pass(minute);
    // From the first look that saw it, a minute after the queue began.
    const resumed = ["admission.resumed", { reason: "admission", heldMs: 15 * minute }];
    expect(await bed.told()).toStrictEqual([stopped, resumed]);
  });

  test("for a while only is nobody's concern, however often", async () => {
    const bed = new Bed();
    await bed.queue(1);
    for (let time = 0; time < 5; time++) {
      bed.stop = short;
      bed.clock.pass(5 * minute);
      bed.stop = undefined;
      bed.clock.pass(minute);
    }
    expect(await bed.told()).toStrictEqual([]);
  });

  test("is looked at while something waits or is held up, and on an idle box not at all", async () => {
    const bed = new Bed();
    bed.clock.pass(60 * minute);
    expect([bed.looks, bed.clock.isAwaited]).toStrictEqual([0, false]);
    await bed.queue(1);
    bed.stop = short;
    bed.clock.pass(10 * minute);
    expect(bed.looks).toBe(10);
    // Nothing waits any more, but it was told that nothing starts: when that ends is told, too.
    await bed.cancel(1);
    bed.clock.pass(10 * minute);
    bed.stop = undefined;
    bed.clock.pass(minute);
    expect((await bed.told()).length).toBe(2);
    bed.clock.pass(60 * minute);
    expect([bed.looks, bed.clock.isAwaited]).toStrictEqual([21, false]);
  });

  test("for want of disk is told without a record, once; its end is on record again", async () => {
    const receiver = await Receiver.open(say(200));
    const bed = new Bed(receiver.url);
    await bed.queue(1);
    // Somebody else's lock refuses a write as a full disk does: nothing is kept.
    const other = new Database(bed.file);
    other.exec("BEGIN EXCLUSIVE");
    onTestFinished(() => {
      other.close();
    });
    bed.stop = { reason: "storage", message: "the disk is full" };
    bed.clock.pass(9 * minute);
    await expect.poll(() => receiver.posted.length).toBe(1);
    expect(JSON.parse(receiver.posted[0]?.body ?? "")).toMatchObject({
      kind: "hold",
      items: [{ name: "storage", sentence: "nothing new starts: the disk is full" }],
    });
    bed.clock.pass(10 * minute);
    other.exec("ROLLBACK");
    bed.stop = undefined;
    bed.clock.pass(minute);
    expect(await bed.told()).toMatchObject([["admission.resumed", { reason: "admission" }]]);
    expect(receiver.posted).toHaveLength(1);
  });
});
