import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../daemon/base/clock.ts";
import { IdSource } from "../../daemon/base/id-source.ts";
import type { RunId } from "../../daemon/domain/ids.ts";
import { downstreamOf, graphOf, type PlanGraph } from "../../daemon/domain/plan-graph.ts";
import type { Plan, Step } from "../../daemon/domain/plan.ts";
import { isFinalStep, type StepState } from "../../daemon/domain/run.ts";
import { EventLog } from "../../daemon/events/event-log.ts";
import type { RunBooks } from "../../daemon/executor/run-books.ts";
import { beginRun, openRun, settleStep } from "../../daemon/executor/run-end.ts";
import type { StepEnd } from "../../daemon/executor/steps/end-step.ts";
import { enqueue } from "../../daemon/executor/steps/open-steps.ts";
import type { Store } from "../../daemon/store/store.ts";
import { DagRig } from "../daemon/executor/dag-rig.ts";
import { keep } from "../daemon/store/support/rows.ts";
import { openStore } from "../daemon/store/support/scratch.ts";
import { aPlan, aStep } from "../support/plans.ts";

interface Edge {
  readonly to: number;
  readonly isOptional: boolean;
}

type Fate = "succeeded" | "failed" | "pruned";

interface Case {
  readonly plan: Plan;
  readonly fates: ReadonlyMap<string, Fate>;
  /** Which of what is ready goes next. */
  readonly picks: readonly number[];
  readonly failFast: boolean;
}

/** A random DAG: each step needs only earlier ones, some of them through optional inputs alone. */
const cases = fc
  .record({
    needs: fc.array(fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 3 }), {
      minLength: 1,
      maxLength: 14,
    }),
    fates: fc.array(
      fc.constantFrom<Fate>("succeeded", "succeeded", "succeeded", "failed", "pruned"),
      {
        minLength: 14,
        maxLength: 14,
      },
    ),
    picks: fc.array(fc.nat(), { minLength: 14, maxLength: 14 }),
    failFast: fc.boolean(),
  })
  .map(({ needs, fates, picks, failFast }): Case => {
    const steps = needs.map((wanted, i) =>
      stepOf(
        i,
        wanted.flatMap(([n, isOptional]) => (i === 0 ? [] : [{ to: n % i, isOptional }])),
      ),
    );
    const [first, ...others] = steps;
    const plan = aPlan(first, ...others);
    const fateOf = new Map(plan.steps.map(({ name }, i) => [name, fates[i] ?? "succeeded"]));
    return { plan, fates: fateOf, picks, failFast };
  });

function stepOf(i: number, edges: readonly Edge[]): Step {
  const optional = edges.filter(({ isOptional }) => isOptional);
  return aStep({
    name: `s${String(i)}`,
    needs: [...new Set(edges.map(({ to }) => `s${String(to)}`))],
    inputs: Object.fromEntries(
      optional.map(({ to }) => [
        `i${String(to)}`,
        { kind: "any", from: { step: `s${String(to)}`, optional: true } },
      ]),
    ),
    output: { kind: "any", files: [] },
  });
}

/** One store for all the runs of a property. */
class Bed {
  readonly store = openStore();
  readonly events = new EventLog(this.store, systemClock, { keep: 1000 });
  readonly ids = new IdSource(systemClock);
}

class Play {
  readonly store: Store;
  readonly id: RunId;
  readonly #books: RunBooks;
  readonly #case: Case;
  readonly #graph: PlanGraph;

  constructor(bed: Bed, whole: Case) {
    this.store = bed.store;
    this.#case = whole;
    this.#graph = graphOf(whole.plan);
    this.#books = { store: bed.store, events: bed.events, clock: systemClock };
    this.id = bed.ids.runId();
  }

  /** All of it in one transaction. */
  run(): Promise<void> {
    return keep(this.store, () => {
      this.#insert();
      openRun(this.#books, this.id);
      for (const pick of this.#case.picks) {
        const ready = this.#ready();
        const name = ready[pick % ready.length];
        if (name === undefined) break;
        this.#start(name);
        settleStep(this.#books, { runId: this.id, step: name }, this.#endOf(name));
      }
    });
  }

  states(): ReadonlyMap<string, StepState> {
    return new Map(this.store.steps.of(this.id).map(({ name, state }) => [name, state]));
  }

  #insert(): void {
    const { plan, failFast } = this.#case;
    this.store.runs.insert(
      {
        ...{ id: this.id, name: "dag", state: "queued", priority: 0, failFast, pinned: false },
        ...{ planDigest: String(this.id), environmentDigest: "e", bodyDigest: "b", createdAt: 0 },
      },
      plan,
      {},
    );
    for (const { name } of plan.steps) {
      const openNeeds = this.#graph.needs.get(name)?.length ?? 0;
      this.store.steps.insert(this.id, name, "waiting", { openNeeds });
    }
  }

  /** What may start, once everything that is to be resolved was looked at and nothing was found. */
  #ready(): string[] {
    const going = this.store.steps.of(this.id).filter(({ state }) => !isFinalStep(state));
    return going
      .filter(({ state }) => state === "resolving" || state === "ready")
      .map(({ name }) => name);
  }

  #start(name: string): void {
    for (const { step, isOptional } of this.#graph.needs.get(name) ?? []) {
      const state = this.store.steps.get(this.id, step)?.state ?? "waiting";
      expect(isOptional ? isFinalStep(state) : state === "succeeded", `${name} after ${step}`).toBe(
        true,
      );
    }
    enqueue(this.#books, this.id, this.store.runs.step(this.id, name));
    this.store.ready.delete(this.id, name);
    expect(this.store.steps.move(this.id, name, "running")).toBe(true);
    beginRun(this.#books, this.id);
  }

  #endOf(step: string): StepEnd {
    const fate = this.#case.fates.get(step) ?? "succeeded";
    if (fate === "succeeded") return { state: "succeeded" };
    return { state: fate, end: { kind: "bad-input", step, why: "so it was said" } };
  }
}

describe("whatever the plan and the outcomes", () => {
  test("every step comes to its end, and what a failure ends is exactly what needs it", async () => {
    const bed = new Bed();
    await fc.assert(
      fc.asyncProperty(cases, async (whole) => {
        const play = new Play(bed, whole);
        await play.run();
        const states = play.states();
        for (const [name, state] of states)
          expect(isFinalStep(state), `${name}: ${state}`).toBe(true);
        const run = play.store.runs.get(play.id);
        expect(run?.endedAt).toBeDefined();
        if (whole.failFast) return;
        expect(Object.fromEntries(states)).toEqual(Object.fromEntries(expectedOf(whole)));
        for (const row of play.store.steps.of(play.id)) {
          if (row.because === undefined) continue;
          expect(downstreamOf(graphOf(whole.plan), row.because).has(row.name)).toBe(true);
          expect(["failed", "pruned"]).toContain(states.get(row.because));
        }
        const anyFailed = [...states.values()].includes("failed");
        const sinks = graphOf(whole.plan).sinks.map((name) => states.get(name));
        const anyPruned = [...states.values()].includes("pruned");
        const isBad = anyFailed || (anyPruned && !sinks.includes("succeeded"));
        expect(run?.state).toBe(isBad ? "failed" : "succeeded");
      }),
      { numRuns: 200 },
    );
  });
});

/** The final states by their definition, without any of the code under test. */
function expectedOf({ plan, fates }: Case): Map<string, StepState> {
  const states = new Map<string, StepState>();
  for (const { name, needs, inputs } of plan.steps) {
    const optional = Object.values(inputs).flatMap(({ from }) =>
      "step" in from ? [from.step] : [],
    );
    const required = needs
      .filter((need) => !optional.includes(need))
      .map((need) => states.get(need));
    const bad: (StepState | undefined)[] = required.filter((state) => state !== "succeeded");
    const fate = fates.get(name) ?? "succeeded";
    if (bad.length === 0) states.set(name, fate);
    else states.set(name, bad[0] === "pruned" ? "pruned" : "skipped");
    // Two that ended badly in different ways: whichever was first counts, and so on down from there.
    const isMixed = bad.includes("pruned") && bad.some((state) => state !== "pruned");
    if (isMixed || bad.includes(undecided as StepState)) {
      states.set(name, undecided as StepState);
    }
  }
  return states;
}

const undecided: unknown = expect.stringMatching(/^(?:pruned|skipped)$/);

test("pools, locks and memory that many steps want never lock a DAG up", async () => {
  const wants = fc.record({
    needs: fc.array(fc.nat(), { maxLength: 2 }),
    locks: fc.subarray(["a", "b", "c"]),
    pool: fc.integer({ min: 0, max: 2 }),
    gib: fc.integer({ min: 1, max: 4 }),
    isBad: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(wants, { minLength: 1, maxLength: 10 }), async (all) => {
      const rig = new DagRig((config) => ({ ...config, pools: { db: 2 } }));
      const [first, ...others] = all.map(({ needs, locks, pool, gib }, i) => ({
        name: `s${String(i)}`,
        argv: ["/bin/true"] as [string],
        needs: [...new Set(i === 0 ? [] : needs.map((n) => `s${String(n % i)}`))],
        memory: { firstBytes: gib * 1024 ** 3, ceilingBytes: gib * 1024 ** 3 },
        claims: {
          ...{ cpus: 1, gpus: 0, vramBytes: 0, locks },
          pools: pool === 0 ? {} : { db: pool },
        },
      }));
      const id = await rig.submitPlan([first ?? {}, ...others]);
      await rig.play(id, (name, attempt) => {
        attempt.exit(all[Number(name.slice(1))]?.isBad === true ? 1 : 0);
      });
      for (const state of Object.values(rig.states(id))) {
        expect(isFinalStep(state as StepState)).toBe(true);
      }
      expect(rig.store.ready.count()).toBe(0);
    }),
    { numRuns: 8 },
  );
});
