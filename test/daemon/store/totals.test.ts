import { expect, test } from "vitest";
import { aRun, anAttempt, attemptId, environment, keep, plan, runId } from "./support/rows.ts";
import { openStore } from "./support/scratch.ts";

test("totals count what ended, once, and stay when what they counted is forgotten", async () => {
  const store = openStore();
  await keep(store, () => {
    for (const n of [1, 2, 3]) {
      store.runs.insert(aRun(n), plan, environment);
      store.steps.insertWaiting(runId(n), "main", 0, 1);
      store.runs.move(runId(n), "running", { at: n });
    }
    store.runs.move(runId(1), "succeeded", { at: 5 });
    store.runs.move(runId(1), "failed", { at: 6 });
    const end = { kind: "cancelled-while-queued" } as const;
    store.runs.move(runId(2), "cancelled", { at: 7, end });
    store.runs.move(runId(3), "queued", { at: 8 });
    const peaks = { oomEvents: 0, oomKills: 0, rodeLimit: false, leftovers: 0 };
    for (const [n, outcome] of [
      { cause: "succeeded" },
      { cause: "killed-from-outside", by: "oomd" },
      { cause: "killed-from-outside", by: "oomd" },
    ].entries()) {
      store.attempts.insert(anAttempt(n + 1, { runId: runId(3), number: n + 1 }));
      store.attempts.ended(attemptId(n + 1), { at: 9, outcome: outcome as never, peaks });
    }
  });
  expect(Object.fromEntries(store.totals.all())).toEqual({
    "runs.succeeded": 1,
    "runs.cancelled": 1,
    "attempts.succeeded": 1,
    "attempts.killed-from-outside.oomd": 2,
  });
  expect(store.totals.oldestQueuedAt()).toBe(3000);
});
