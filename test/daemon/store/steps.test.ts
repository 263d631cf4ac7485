import { expect, test } from "vitest";
import { aRun, environment, keep, plan, runId } from "./support/rows.ts";
import { openStore } from "./support/scratch.ts";

async function oneRun() {
  const store = openStore();
  await keep(store, () => {
    store.runs.insert(aRun(1), plan, environment);
    store.steps.insert(runId(1), "main", "ready");
    store.steps.insert(runId(1), "late", "waiting");
  });
  return store;
}

const fresh = {
  ...{ runId: runId(1), openNeeds: 0, weight: 1, forced: false, attempts: 0 },
  ...{ oomKills: 0, failures: 0, losses: 0, timeouts: 0, divergences: 0 },
};

test("steps come back by name, a figure nobody measured is absent", async () => {
  const { steps } = await oneRun();
  expect(steps.of(runId(1))).toStrictEqual([
    { ...fresh, name: "late", state: "waiting" },
    { ...fresh, name: "main", state: "ready" },
  ]);
  expect(steps.get(runId(1), "main")).toStrictEqual({ ...fresh, name: "main", state: "ready" });
  expect(steps.get(runId(1), "none")).toBeUndefined();
});

test("a step moves only from a legal source", async () => {
  const store = await oneRun();
  const moves: boolean[] = [];
  await keep(store, () => {
    moves.push(
      store.steps.move(runId(1), "main", "succeeded"),
      store.steps.move(runId(1), "main", "running"),
      store.steps.move(runId(1), "main", "running"),
      store.steps.move(runId(1), "main", "succeeded"),
      store.steps.move(runId(1), "none", "running"),
    );
  });
  expect(moves).toStrictEqual([false, true, false, true, false]);
});

test("each cause spends its own budget, and the largest limit it died at is kept", async () => {
  const store = await oneRun();
  const { steps } = store;
  const numbers: number[] = [];
  await keep(store, () => {
    numbers.push(steps.countAttempt(runId(1), "main"), steps.countAttempt(runId(1), "main"));
    steps.countOomKill(runId(1), "main", 200);
    steps.countOomKill(runId(1), "main", 100);
    steps.count(runId(1), "main", "failures");
    steps.count(runId(1), "main", "losses");
  });
  expect(numbers).toStrictEqual([1, 2]);
  expect(steps.get(runId(1), "main")).toMatchObject({
    attempts: 2,
    oomKills: 2,
    failures: 1,
    losses: 1,
    killedAtBytes: 200,
  });
  await expect(keep(store, () => steps.countAttempt(runId(1), "none"))).rejects.toThrow(/no step/);
});

test("a checkpoint ends a row of losses, and nothing else", async () => {
  const store = await oneRun();
  const { steps } = store;
  await keep(store, () => {
    steps.count(runId(1), "main", "losses");
    steps.count(runId(1), "main", "failures");
    steps.setCheckpoint(runId(1), "main", { key: "k", file: "epoch-1", at: 1 });
  });
  expect(steps.get(runId(1), "main")).toMatchObject({ losses: 0, failures: 1 });
});
