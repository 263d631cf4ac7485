import { expect, test } from "vitest";
import { aRun, insertReadyRun, keep, runId } from "./support/rows.ts";
import { openStore } from "./support/scratch.ts";

async function threeRuns() {
  const store = openStore();
  await keep(store, () => {
    for (const n of [1, 2, 3]) insertReadyRun(store, aRun(n));
  });
  return store;
}

test("a wait is open until it is closed, and is remembered afterwards", async () => {
  const store = await threeRuns();
  const { waits } = store;
  await keep(store, () => {
    waits.insert(runId(3), runId(1), "needs");
    waits.insert(runId(3), runId(2), "after");
  });
  expect(waits.hasOpen(runId(3))).toBe(true);
  expect(waits.openOn(runId(1))).toStrictEqual([{ runId: runId(3), kind: "needs" }]);
  await keep(store, () => {
    waits.close(runId(3), runId(1), "needs");
  });
  expect(waits.of(runId(3))).toStrictEqual([
    { onRunId: runId(1), kind: "needs", open: false },
    { onRunId: runId(2), kind: "after", open: true },
  ]);
  expect(waits.openOn(runId(1))).toStrictEqual([]);
  await keep(store, () => {
    waits.close(runId(3), runId(2), "after");
  });
  expect(waits.hasOpen(runId(3))).toBe(false);
  expect(waits.hasOpen(runId(1))).toBe(false);
});

test("a wait for a run that is not there is a bug, and nothing is kept", async () => {
  const store = await threeRuns();
  await expect(
    keep(store, () => {
      store.waits.insert(runId(3), runId(9), "needs");
    }),
  ).rejects.toThrow(/a wait for a run that is not there/);
  expect(store.waits.of(runId(3))).toStrictEqual([]);
});
