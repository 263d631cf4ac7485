import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  chooseStarts,
  type Candidate,
  type Choice,
  type Snapshot,
} from "../../daemon/broker/admission.ts";
import { pressureStops } from "../../daemon/broker/pressure.ts";
import type { Holding } from "../../daemon/broker/tally.ts";
import { candidate } from "../support/box.ts";

const totalBytes = 1000;
const reserveBytes = 100;
const maxPasses = 3;
const gpus = [50, 80].map((budgetBytes, index) => {
  return { index, name: "GPU", vramBytes: 100, budgetBytes };
});
const pressurePolicy = { pressureStopPercent: 5, pressureResumePercent: 1 };

/** Resources small enough that steps get in each other's way all the time. */
const wants = fc.record({
  limitBytes: fc.integer({ min: 1, max: 700 }),
  priority: fc.integer({ min: -1, max: 1 }),
  claims: fc.record({
    cpus: fc.constantFrom<number>(0, 0.1, 0.5, 1, 2, 4),
    gpus: fc.constantFrom<number>(0, 0, 1, 2),
    vramBytes: fc.constantFrom<number>(0, 1, 30, 50),
    pools: fc.constantFrom<Record<string, number>>(
      {},
      { a: 1 },
      { a: 2 },
      { b: 1 },
      { a: 1, b: 1 },
    ),
    locks: fc.constantFrom<string[]>([], ["x"], ["y"], ["x", "y"]),
  }),
});
type Wants = typeof wants extends fc.Arbitrary<infer T> ? T : never;

type Move =
  | { readonly kind: "submit"; readonly wants: Wants }
  | { readonly kind: "end"; readonly which: number }
  | { readonly kind: "grow"; readonly which: number; readonly share: number }
  | { readonly kind: "outside"; readonly bytes: number }
  | { readonly kind: "pressure"; readonly percent: number }
  | { readonly kind: "age"; readonly ms: number };

const index = fc.nat({ max: 50 });
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("submit" as const), wants }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("end" as const), which: index }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("grow" as const),
      which: index,
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  fc.record({ kind: fc.constant("outside" as const), bytes: fc.nat({ max: 600 }) }),
  fc.record({ kind: fc.constant("pressure" as const), percent: fc.constantFrom(0, 1, 3, 5, 40) }),
  fc.record({
    kind: fc.constant("age" as const),
    ms: fc.constantFrom(0, 2999, 3000, 3001, 60_000),
  }),
);

/** A box with steps that arrive, start when admission says so, grow within their limit, and end. */
class SimulatedBox {
  queue: Candidate[] = [];
  readonly live: Holding[] = [];
  readonly passes = new Map<string, number>();
  submitted = 0;
  started = 0;
  #outsideBytes = 0;
  #percent = 0;
  #ageMs = 0;
  #pressureStop = false;

  snapshot(): Snapshot {
    const needs = this.live.reduce((sum, l) => sum + l.needBytes, 0);
    const memAvailableBytes = Math.max(0, totalBytes - this.#outsideBytes - needs);
    return {
      nowMs: this.#ageMs,
      host: { takenAtMs: 0, memTotalBytes: totalBytes, memAvailableBytes },
      sampleMaxAgeMs: 3000,
      pressureStop: this.#pressureStop,
      budgetBytes: 800,
      reserveBytes,
      cpusTotal: 4,
      gpus,
      pools: { a: 2, b: 1 },
      live: [...this.live],
    };
  }

  apply(change: Move): void {
    switch (change.kind) {
      case "submit":
        this.queue.push(candidate((this.submitted += 1), change.wants));
        return;
      case "end":
        this.live.splice(change.which % Math.max(1, this.live.length), 1);
        return;
      case "grow":
        this.#grow(change.which % Math.max(1, this.live.length), change.share);
        return;
      case "outside":
        this.#outsideBytes = change.bytes;
        return;
      case "pressure":
        this.#percent = change.percent;
        return;
      case "age":
        this.#ageMs = change.ms;
        return;
    }
  }

  /** Takes what admission says and carries it out. */
  step(): { before: Snapshot; choice: Choice } {
    const pressure = { pressureFullAvg10: this.#percent };
    this.#pressureStop = pressureStops(this.#pressureStop, pressure, pressurePolicy);
    const before = this.snapshot();
    const choice = chooseStarts(before, this.queue, { maxPasses });
    for (const start of choice.starts) this.live.push(asHolding(choice, start));
    this.started += choice.starts.length;
    const passed = (c: Candidate): number => choice.passedOver.filter((p) => p === c).length;
    this.queue = this.queue
      .filter((c) => !choice.starts.includes(c))
      .map((c) => ({ ...c, passedOver: c.passedOver + passed(c) }));
    return { before, choice };
  }

  #grow(which: number, share: number): void {
    const holding = this.live[which];
    if (holding === undefined) return;
    const needBytes = Math.max(holding.needBytes, Math.floor(holding.limitBytes * share));
    this.live[which] = { ...holding, needBytes };
  }
}

/** What a start holds from then on. */
function asHolding({ devices }: Choice, start: Candidate): Holding {
  const { limitBytes, claims } = start;
  return { limitBytes, needBytes: 0, ...claims, devices: devices.get(start) ?? [] };
}

/** Everything that is wrong with who holds which device. */
function overcommitted(all: readonly Holding[]): string[] {
  const miscounted = all.filter((h) => new Set(h.devices).size !== h.gpus).map(() => "miscounted");
  return miscounted.concat(
    gpus.flatMap(({ index, budgetBytes }) => {
      const holders = all.filter((h) => h.devices.includes(index));
      const isShared = holders.length > 1 && holders.some((h) => h.vramBytes === 0);
      const vramBytes = holders.reduce((sum, h) => sum + h.vramBytes, 0);
      return [
        ...(isShared ? ["a whole device is shared"] : []),
        ...(vramBytes > budgetBytes ? ["more memory than there is"] : []),
      ];
    }),
  );
}

/** Adds up again, from scratch, what the starts of one decision leave of the box. */
function leftAfter({ before, choice }: { before: Snapshot; choice: Choice }) {
  const all = [...before.live, ...choice.starts.map((c) => asHolding(choice, c))];
  const sum = (of: (holding: Holding) => number): number => all.reduce((s, h) => s + of(h), 0);
  const locks = all.flatMap((h) => h.locks);
  return {
    budget: before.budgetBytes - sum((h) => h.limitBytes),
    available: before.host.memAvailableBytes - sum((h) => Math.max(0, h.limitBytes - h.needBytes)),
    cpus: before.cpusTotal - sum((h) => h.cpus),
    pools: Object.entries(before.pools).map(([n, total]) => total - sum((h) => h.pools[n] ?? 0)),
    overcommitted: overcommitted(all),
    locksTaken: locks.length - new Set(locks).size,
  };
}

describe("whatever is submitted, ends, grows, and happens outside", () => {
  it("no decision admits past the budget, below the reserve, or past CPUs, GPUs, pools and locks", () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 80 }), (moves) => {
        const box = new SimulatedBox();
        for (const next of moves) {
          box.apply(next);
          const decision = box.step();
          if (decision.choice.starts.length === 0) continue;
          const left = leftAfter(decision);
          expect(left.budget).toBeGreaterThanOrEqual(0);
          expect(left.available).toBeGreaterThanOrEqual(reserveBytes);
          expect(left.cpus).toBeGreaterThanOrEqual(-1e-9);
          expect(Math.min(...left.pools)).toBeGreaterThanOrEqual(0);
          expect(left.overcommitted).toEqual([]);
          expect(left.locksTaken).toBe(0);
          expect(decision.before.nowMs).toBeLessThanOrEqual(3000);
          expect(decision.before.pressureStop).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("P9: the same snapshot and queue give the same decision, in whatever order the queue comes", () => {
    fc.assert(
      fc.property(
        fc.array(move, { maxLength: 60 }),
        fc.infiniteStream(fc.nat()),
        (moves, order) => {
          const box = new SimulatedBox();
          for (const next of moves) {
            box.apply(next);
            const shuffled = box.queue
              .map((c) => ({ c, at: order.next().value as number }))
              .sort((a, b) => a.at - b.at)
              .map(({ c }) => c);
            const replayed = structuredClone<[Snapshot, Candidate[]]>([box.snapshot(), shuffled]);
            const [snapshot, queue] = replayed;
            const frozen = JSON.stringify(replayed);
            const again = chooseStarts(snapshot, queue, { maxPasses });
            expect(JSON.stringify(replayed)).toBe(frozen);
            const once = chooseStarts(box.snapshot(), box.queue, { maxPasses });
            expect(again).toEqual(once);
            box.step();
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("every candidate is started or told why not, and nobody is passed more often than allowed", () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 80 }), (moves) => {
        const box = new SimulatedBox();
        for (const next of moves) {
          box.apply(next);
          const asked = box.queue.length;
          const { choice } = box.step();
          expect(choice.starts.length + choice.waits.length).toBe(asked);
          for (const { wait } of choice.waits) {
            expect(wait.message).toMatch(/^[a-z].{5,}[^.]$/);
            expect(wait.unblocks).not.toBe("");
            expect(wait.message + wait.unblocks).not.toMatch(/NaN|undefined|Infinity|-\d/);
          }
          for (const waiting of box.queue) {
            expect(waiting.passedOver).toBeLessThanOrEqual(maxPasses);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("once the outside is quiet and work ends, every step has its turn", () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 80 }), fc.infiniteStream(index), (moves, ends) => {
        const box = new SimulatedBox();
        for (const next of moves) {
          box.apply(next);
          box.step();
        }
        box.apply({ kind: "outside", bytes: 0 });
        box.apply({ kind: "pressure", percent: 0 });
        box.apply({ kind: "age", ms: 0 });
        for (let round = 0; round <= 2 * box.submitted && box.queue.length > 0; round++) {
          box.step();
          box.apply({ kind: "end", which: ends.next().value as number });
        }
        expect(box.queue).toEqual([]);
        expect(box.started).toBe(box.submitted);
      }),
      { numRuns: 300 },
    );
  });

  it("a step that fits no empty box starves nobody", () => {
    fc.assert(
      fc.property(fc.array(wants, { minLength: 1, maxLength: 30 }), (others) => {
        const box = new SimulatedBox();
        const impossible = {
          priority: 9,
          claims: { cpus: 1, gpus: 0, vramBytes: 0, pools: { gone: 1 }, locks: ["x"] },
        };
        box.apply({ kind: "submit", wants: { ...impossible, limitBytes: 1 } });
        for (const want of others) box.apply({ kind: "submit", wants: want });
        for (let round = 0; round <= 2 * others.length; round++) {
          box.step();
          box.apply({ kind: "end", which: 0 });
        }
        expect(box.queue).toHaveLength(1);
      }),
    );
  });
});

describe("against a stream of later steps that never dries up", () => {
  const lifetime = 3;

  /** Steps arrive for ever, each lives `lifetime` rounds; returns the round in which the first one starts. */
  function roundsUntilStart(head: Wants, first: Wants[], stream: Iterator<Wants[]>): number {
    const box = new SimulatedBox();
    const endsAt = new Map<Holding, number>();
    const note = (round: number): void => {
      for (const holding of box.live) {
        if (!endsAt.has(holding)) endsAt.set(holding, round + lifetime);
      }
    };
    for (const want of first) box.apply({ kind: "submit", wants: { ...want, priority: 1 } });
    box.step();
    note(0);
    box.queue = [];
    box.apply({ kind: "submit", wants: { ...head, priority: 0 } });
    const headId = box.queue[0]?.runId;
    for (let round = 1; ; round++) {
      for (const want of stream.next().value as Wants[]) {
        box.apply({ kind: "submit", wants: { ...want, priority: 0 } });
      }
      const { choice } = box.step();
      if (choice.starts.some((c) => c.runId === headId)) return round;
      note(round);
      for (const holding of box.live.filter((l) => (endsAt.get(l) ?? 0) <= round)) {
        box.live.splice(box.live.indexOf(holding), 1);
      }
      if (round > 1000) return round;
    }
  }

  it("the head starts as soon as the passes are used up and what ran then has ended", () => {
    fc.assert(
      fc.property(
        wants,
        fc.array(wants, { maxLength: 6 }),
        fc.infiniteStream(fc.array(wants, { maxLength: 4 })),
        (head, first, stream) => {
          expect(roundsUntilStart(head, first, stream)).toBeLessThanOrEqual(
            (maxPasses + 1) * lifetime + 1,
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});
