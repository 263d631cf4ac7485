import { expect, test, vi } from "vitest";
import type { StepPlace } from "../../../daemon/domain/run.ts";
import { Twins } from "../../../daemon/executor/resolving/twins.ts";
import { aRun, environment, keep, plan, runId } from "../store/support/rows.ts";
import { openStore } from "../store/support/scratch.ts";

/** Twins over a store with two runs of so many resolving steps each, and how to count its looks at steps. */
async function twinsOf(steps: number) {
  const store = openStore();
  await keep(store, () => {
    for (const n of [1, 2]) {
      store.runs.insert(aRun(n), plan, environment);
      for (let i = 0; i < steps; i++) store.steps.insert(runId(n), `s${i}`, "resolving");
    }
  });
  const looks = vi.spyOn(store.steps, "get");
  const places = (n: number): StepPlace[] =>
    Array.from({ length: steps }, (_, i) => ({ runId: runId(n), step: `s${i}` }));
  return { store, twins: new Twins(store), looks, places };
}

test("thousands of steps with keys of their own cost no look at each other", async () => {
  const { twins, looks, places } = await twinsOf(5_000);
  for (const place of places(1)) expect(twins.mustWait(place.step, place)).toBe(false);
  // Each sweep looks at all; they come at 1,000, 2,000 and 4,000.
  expect(looks.mock.calls.length).toBeLessThanOrEqual(10_000);
});

test("an end costs a look at those that wait for it, not at all that wait", async () => {
  const { store, twins, looks, places } = await twinsOf(1_000);
  for (const place of places(1)) twins.mustWait(place.step, place);
  for (const place of places(2)) expect(twins.mustWait(place.step, place)).toBe(true);
  looks.mockClear();
  for (const { runId: run, step } of places(1)) {
    expect(twins.released(run, step)).toEqual([]);
    await keep(store, () => store.steps.finish(run, step, "succeeded", { at: 1 }));
    expect(twins.released(run, step)).toEqual([{ runId: runId(2), step }]);
  }
  expect(looks.mock.calls.length).toBeLessThanOrEqual(3_000);
});

test("with a run all of its steps that are over are let go of", async () => {
  const { store, twins, places } = await twinsOf(3);
  for (const place of [...places(1), ...places(2)]) twins.mustWait(place.step, place);
  await keep(store, () => {
    store.steps.endRest(runId(1), "skipped", { at: 1 });
  });
  expect(twins.released(runId(2))).toEqual([]);
  expect(twins.released(runId(1))).toEqual(places(2));
  expect(twins.released(runId(1))).toEqual([]);
});
