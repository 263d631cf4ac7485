import fc from "fast-check";
import { expect, test } from "vitest";
import { isFinal, runStates } from "../../../daemon/domain/run.ts";
import type { RunFilter, RunRow } from "../../../daemon/store/runs.ts";
import { aRun, environment, keep, plan, runId } from "./support/rows.ts";
import { openStore } from "./support/scratch.ts";

const runCount = 60;

/** Runs of every state and a few names, whose clock jumps about. */
const someRuns: readonly RunRow[] = Array.from({ length: runCount }, (_, index) => {
  const state = runStates[(index * 7) % runStates.length] ?? "queued";
  return aRun(index + 1, {
    state,
    name: ["a", "b", "c"][(index * 5) % 3] ?? "a",
    createdAt: 1000 + ((index * 37) % runCount),
    ...(isFinal(state) && { endedAt: 1, exitCode: 0 }),
  });
});

const filters = fc.record(
  {
    states: fc.array(fc.constantFrom(...runStates), { maxLength: 3 }),
    name: fc.constantFrom("a", "b", "c", "none"),
    sinceAt: fc.integer({ min: 0, max: 1000 + runCount + 1 }),
    before: fc.integer({ min: 0, max: runCount + 1 }).map(runId),
    limit: fc.integer({ min: 1, max: runCount + 1 }),
  },
  { requiredKeys: ["limit"] },
);

function filtered({ states, name, sinceAt = 0, before = runId(99), limit }: RunFilter): RunRow[] {
  return someRuns
    .filter((run) => states?.includes(run.state) ?? true)
    .filter((run) => name === undefined || run.name === name)
    .filter((run) => run.createdAt >= sinceAt && run.id < before)
    .toReversed()
    .slice(0, limit);
}

test("a list is what a filter over all runs would give, whatever is asked", async () => {
  const store = openStore();
  await keep(store, () => {
    for (const run of someRuns) store.runs.insert(run, plan, environment);
  });
  fc.assert(
    fc.property(filters, (filter) => {
      expect(store.runs.list(filter)).toStrictEqual(filtered(filter));
    }),
    { numRuns: 500 },
  );
  expect(store.runs.live(99)).toStrictEqual(
    someRuns.filter(({ state }) => !isFinal(state)).map(({ id }) => id),
  );
});
