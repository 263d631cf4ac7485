import { expect, test } from "vitest";
import { aRun, insertReadyRun, keep, runId } from "./support/rows.ts";
import { openStore } from "./support/scratch.ts";

async function queue(priorities: readonly number[]) {
  const store = openStore();
  await keep(store, () => {
    priorities.forEach((priority, index) => {
      insertReadyRun(store, aRun(index + 1, { priority }));
    });
  });
  return store;
}

const ids = (rows: readonly { runId: string }[]) => rows.map((row) => Number(row.runId.slice(4)));

test("the queue is by priority, then age", async () => {
  const { ready } = await queue([0, 5, -1, 5, 0]);
  const line = ready.head(0, 10);
  expect(ids(line)).toStrictEqual([2, 4, 1, 5, 3]);
  expect(line.map((row) => ready.aheadOf(row))).toStrictEqual([0, 1, 2, 3, 4]);
  expect(ids(ready.head(0, 2))).toStrictEqual([2, 4]);
  expect(ready.count()).toBe(5);
});

test("a step that backs off is left out until its instant has come", async () => {
  const store = await queue([0, 0, 0]);
  const { ready } = store;
  await keep(store, () => {
    ready.delete(runId(1), "main");
    const row = {
      runId: runId(1),
      step: "main",
      priority: 9,
      weight: 1,
      notBeforeAt: 500,
      passedOver: 0,
    };
    ready.insert(row);
  });
  expect(ids(ready.head(499, 10))).toStrictEqual([2, 3]);
  expect(ids(ready.head(500, 10))).toStrictEqual([1, 2, 3]);
  expect(ready.nextBackoffAt(499)).toBe(500);
  expect(ready.nextBackoffAt(500)).toBeUndefined();
});

test("taking a step out of the queue tells whether it was there", async () => {
  const store = await queue([0]);
  const taken: boolean[] = [];
  await keep(store, () => {
    store.ready.passOver(runId(1), "main");
    expect(store.ready.get(runId(1), "main")?.passedOver).toBe(1);
    taken.push(store.ready.delete(runId(1), "main"), store.ready.delete(runId(1), "main"));
  });
  expect(taken).toStrictEqual([true, false]);
  expect(store.ready.get(runId(1), "main")).toBeUndefined();
  expect(store.ready.count()).toBe(0);
});
