import { describe, expect, it } from "vitest";
import { chooseStarts, type Choice } from "../../../daemon/broker/admission.ts";
import { waitReasons } from "../../../daemon/domain/reservation.ts";
import {
  available,
  candidate,
  claims,
  gib,
  holding,
  mib,
  refusal,
  snapshot,
} from "../../support/box.ts";

const policy = { maxPasses: 2 };
const numbers = (candidates: Choice["starts"]): number[] =>
  candidates.map((c) => Number(c.runId.slice(4)));
const waits = (choice: Choice): Record<number, string> =>
  Object.fromEntries(
    choice.waits.map(({ candidate: c, wait }) => [Number(c.runId.slice(4)), wait.reason]),
  );

describe("a step may start when", () => {
  it("everything it needs is there, to the last byte", () => {
    const exact = snapshot({ host: available(3 * gib), budgetBytes: 2 * gib, live: [holding()] });
    // 3 GiB available, of which the live attempt may take half a GiB more and 2 GiB stay: half is left.
    expect(refusal(exact, candidate(1, { limitBytes: gib / 2 }))).toBeUndefined();
    expect(refusal(exact, candidate(1, { limitBytes: gib / 2 + 1 }))?.reason).toBe(
      "memory-available",
    );
  });

  it("a live attempt that is past its limit counts as done growing, not as giving back", () => {
    const over = snapshot({
      host: available(3 * gib),
      live: [holding({ limitBytes: gib, needBytes: 3 * gib })],
    });
    expect(refusal(over, candidate(1, { limitBytes: gib }))).toBeUndefined();
    expect(refusal(over, candidate(1, { limitBytes: gib + mib }))?.reason).toBe("memory-available");
  });

  it("it claims no CPUs although none are left", () => {
    const busy = snapshot({ live: [holding({ cpus: 8 })] });
    expect(refusal(busy, candidate(1, { claims: claims({ cpus: 0 }) }))).toBeUndefined();
    expect(refusal(busy, candidate(1, { claims: claims({ cpus: 0.1 }) }))?.reason).toBe("cpus");
  });

  it("ten tenths of a CPU make one", () => {
    const live = Array.from({ length: 9 }, () => holding({ cpus: 0.1, limitBytes: mib }));
    const one = snapshot({ cpusTotal: 1, live });
    expect(refusal(one, candidate(1, { claims: claims({ cpus: 0.1 }) }))).toBeUndefined();
  });
});

describe("a wait has a reason, the numbers, and what would unblock it", () => {
  it.each([
    [
      "stale-sample",
      snapshot({ nowMs: 60_000 }),
      candidate(1),
      "the box's memory was last read 1m ago, and only fresh figures count",
      "a fresh reading of the box's memory; blutctl doctor says what is wrong",
    ],
    [
      "memory-pressure",
      snapshot({
        pressureStop: true,
        host: { ...available(8 * gib), pressureFullAvg10: 7.5 },
      }),
      candidate(1),
      "the box is short of memory: everything stalled on it 7.5% of the last 10 s",
      "less memory pressure: work that ends, here or outside blut",
    ],
    [
      "memory-budget",
      snapshot({ live: [holding({ limitBytes: 4 * gib }), holding({ limitBytes: 3 * gib })] }),
      candidate(1, { limitBytes: 1.5 * gib }),
      "it needs 1.5 GiB; of the budget of 8 GiB, 7 GiB are reserved by 2 running attempts",
      "the end of running work that holds 512 MiB",
    ],
    [
      "memory-budget",
      snapshot(),
      candidate(1, { limitBytes: 9 * gib }),
      "it needs 9 GiB, and the whole budget is 8 GiB",
      "a larger memory.budget in blut.toml",
    ],
    [
      "memory-available",
      snapshot({ host: available(4 * gib), live: [holding()] }),
      candidate(1, { limitBytes: 2 * gib }),
      "it needs 2 GiB; the box can spare 1.5 GiB above its reserve, with 512 MiB kept for 1 running attempt to grow into",
      "512 MiB more memory available: work that ends, here or outside blut",
    ],
    [
      "cpus",
      snapshot({ live: [holding({ cpus: 7.5 })] }),
      candidate(1, { claims: claims({ cpus: 2 }) }),
      "it claims 2 CPUs; 7.5 of 8 are in use",
      "the end of running work that uses 1.5 CPUs",
    ],
    [
      "cpus",
      snapshot(),
      candidate(1, { claims: claims({ cpus: 9 }) }),
      "it claims 9 CPUs, and there are 8 in all",
      "a larger cpus.total in blut.toml",
    ],
    [
      "pool",
      snapshot({ live: [holding({ pools: { disk: 2 } })] }),
      candidate(1, { claims: claims({ pools: { disk: 1 } }) }),
      "it claims 1 of the pool disk; 2 of 2 are in use",
      "the end of running work that uses 1 of the pool disk",
    ],
    [
      "pool",
      snapshot(),
      candidate(1, { claims: claims({ pools: { constructor: 1 } }) }),
      "it claims 1 of the pool constructor, and there are 0 in all",
      "a larger pool in blut.toml",
    ],
    [
      "lock",
      snapshot({ live: [holding({ locks: ["index"] })] }),
      candidate(1, { claims: claims({ locks: ["index"] }) }),
      "the lock index is taken",
      "the end of the run that holds index",
    ],
  ] as const)("%s", (reason, box, step, message, unblocks) => {
    expect(waitReasons).toContain(reason);
    expect(refusal(box, step)).toEqual({ reason, message, unblocks });
  });

  it("fault 30: a sample older than allowed admits nothing, a box never read neither", () => {
    const aged = (nowMs: number): string | undefined =>
      refusal(snapshot({ nowMs }), candidate(1))?.reason;
    expect([aged(3000), aged(3001), aged(NaN)]).toEqual([
      undefined,
      "stale-sample",
      "stale-sample",
    ]);
    const never = snapshot({ host: { ...available(0), takenAtMs: -Infinity } });
    expect(refusal(never, candidate(1))?.message).toBe("the box's memory cannot be read");
  });
});

describe("the queue", () => {
  it("goes by priority, then age", () => {
    const queue = [candidate(3), candidate(2, { priority: 1 }), candidate(1)];
    expect(numbers(chooseStarts(snapshot(), queue, policy).starts)).toEqual([2, 1, 3]);
  });

  it("adds each start to the picture before the next step is judged", () => {
    const queue = Array.from({ length: 20 }, (_, i) => candidate(i));
    expect(chooseStarts(snapshot({ cpusTotal: 100 }), queue, policy).starts).toHaveLength(8);
    const locked = queue.map((c) => ({ ...c, claims: claims({ locks: ["one"] }) }));
    expect(chooseStarts(snapshot(), locked, policy).starts).toHaveLength(1);
  });

  it("lets small steps pass a blocked head, then holds capacity for it", () => {
    const live = [holding({ limitBytes: 4 * gib })];
    const queue = [candidate(1, { limitBytes: 6 * gib }), ...[2, 3, 4].map((n) => candidate(n))];
    const choice = chooseStarts(snapshot({ live }), queue, policy);
    expect(numbers(choice.starts)).toEqual([2, 3]);
    expect(numbers(choice.passedOver)).toEqual([1, 1]);
    expect(waits(choice)).toEqual({ 1: "memory-budget", 4: "head-of-line" });
  });

  it("lets pass for ever what fits beside the head, even when the head is held for", () => {
    const live = [holding({ locks: ["index"] })];
    const head = candidate(1, { passedOver: 2, claims: claims({ locks: ["index"] }) });
    const queue = [head, ...Array.from({ length: 9 }, (_, i) => candidate(i + 2))];
    const choice = chooseStarts(snapshot({ live, cpusTotal: 99 }), queue, policy);
    // 8 GiB of budget, of which 1 is taken and 1 is kept for the head.
    expect(choice.starts).toHaveLength(6);
    expect(choice.passedOver).toEqual([]);
  });

  it("never gives away again what a held head has already found free", () => {
    // The head wants a lock and 6 CPUs. While one is missing the other is free, and others want it.
    const head = candidate(1, {
      passedOver: 2,
      claims: claims({ cpus: 6, locks: ["index"] }),
    });
    const wantsLock = candidate(2, { claims: claims({ cpus: 0, locks: ["index"] }) });
    const wantsCpus = candidate(3, { claims: claims({ cpus: 4 }) });
    const queue = [head, wantsLock, wantsCpus];
    const noCpus = snapshot({ live: [holding({ cpus: 4 })] });
    const noLock = snapshot({ live: [holding({ cpus: 0, locks: ["index"] })] });
    expect(chooseStarts(noCpus, queue, policy).starts).toEqual([]);
    expect(chooseStarts(noLock, queue, policy).starts).toEqual([]);
  });

  it("holds nothing for a step that fits no empty box", () => {
    const never = candidate(1, { limitBytes: 9 * gib, passedOver: 2 });
    const choice = chooseStarts(snapshot(), [never, candidate(2)], policy);
    expect(numbers(choice.starts)).toEqual([2]);
  });

  it("holds nothing for a step whose memory is taken from outside: no end of ours gives it back", () => {
    const box = snapshot({ host: available(5 * gib), live: [holding()] });
    const big = candidate(1, { limitBytes: 4 * gib, passedOver: 2 });
    expect(numbers(chooseStarts(box, [big, candidate(2)], policy).starts)).toEqual([2]);
  });

  it("holds for several heads that could run together, not for a second that waits for the first", () => {
    const live = [holding({ limitBytes: 2 * gib, locks: ["index"] })];
    const locked = (number: number, limitBytes: number) =>
      candidate(number, { limitBytes, passedOver: 2, claims: claims({ locks: ["index"] }) });
    const twoForTheLock = [locked(1, gib), locked(2, 5 * gib), candidate(3)];
    const one = chooseStarts(snapshot({ live }), twoForTheLock, policy);
    expect(waits(one)).toEqual({ 1: "lock", 2: "lock" });
    const big = candidate(2, { limitBytes: 7 * gib, passedOver: 2 });
    const two = chooseStarts(snapshot({ live }), [locked(1, gib), big, candidate(3)], policy);
    expect(waits(two)).toEqual({ 1: "lock", 2: "memory-budget", 3: "head-of-line" });
    expect(two.waits[2]?.wait.unblocks).toBe("the start of run_000000000001 and 1 more");
  });

  it("starts at most as many as asked for, and says of the others that they are next", () => {
    const queue = [1, 2, 3].map((n) => candidate(n));
    const choice = chooseStarts(snapshot(), queue, { maxPasses: 2, maxStarts: 1 });
    expect(numbers(choice.starts)).toEqual([1]);
    expect(waits(choice)).toEqual({ 2: "next", 3: "next" });
  });
});
