import { describe, expect, test } from "vitest";
import type { Outcome, Peaks } from "../../../daemon/domain/attempt.ts";
import { aRun, anAttempt, attemptId, insertReadyRun, keep, runId } from "./support/rows.ts";
import { openStore } from "./support/scratch.ts";

const outcome: Outcome = { cause: "out-of-memory", limitBytes: 1024 };
const peaks: Peaks = { totalBytes: 9, oomEvents: 2, oomKills: 1, rodeLimit: true, leftovers: 0 };

async function oneAttempt() {
  const store = openStore();
  await keep(store, () => {
    insertReadyRun(store, aRun(1));
    store.attempts.insert(anAttempt(1));
  });
  return store;
}

describe("an attempt", () => {
  test("comes back as it was stored", async () => {
    const store = await oneAttempt();
    const full = anAttempt(2, {
      number: 2,
      state: "ended",
      limitOrigin: { kind: "escalated", runId: runId(1), killedAtBytes: 7 },
      stopCause: "soft-timeout",
      startedAt: 1,
      endedAt: 2,
      outcome,
      peaks,
      runId: runId(1),
    });
    await keep(store, () => {
      store.attempts.insert(full);
    });
    expect(store.attempts.get(attemptId(1))).toStrictEqual(anAttempt(1));
    expect(store.attempts.get(attemptId(2))).toStrictEqual(full);
    expect(store.attempts.get(attemptId(3))).toBeUndefined();
    expect(store.attempts.ofRun(runId(1))).toStrictEqual([anAttempt(1), full]);
    expect(store.attempts.live()).toStrictEqual([anAttempt(1)]);
    expect(store.attempts.newestOf(runId(1))).toStrictEqual(full);
    expect(store.attempts.newestOf(runId(1), "main")).toStrictEqual(full);
    expect(store.attempts.newestOf(runId(1), "none")).toBeUndefined();
  });

  test("starts once and ends once", async () => {
    const store = await oneAttempt();
    const { attempts } = store;
    const moves: boolean[] = [];
    await keep(store, () => {
      moves.push(
        attempts.started(attemptId(1), 10),
        attempts.started(attemptId(1), 11),
        attempts.ended(attemptId(1), { at: 20, outcome, peaks }),
        attempts.ended(attemptId(1), { at: 21, outcome: { cause: "succeeded" }, peaks }),
        attempts.started(attemptId(1), 22),
      );
    });
    expect(moves).toStrictEqual([true, false, true, false, false]);
    expect(attempts.get(attemptId(1))).toStrictEqual(
      anAttempt(1, { state: "ended", startedAt: 10, endedAt: 20, outcome, peaks }),
    );
    expect(attempts.live()).toStrictEqual([]);
  });

  test("keeps the first cause to stop it", async () => {
    const store = await oneAttempt();
    const { attempts } = store;
    const stops: boolean[] = [];
    await keep(store, () => {
      stops.push(
        attempts.stop(attemptId(1), "hard-timeout"),
        attempts.stop(attemptId(1), "cancelled"),
      );
    });
    expect(stops).toStrictEqual([true, false]);
    expect(attempts.get(attemptId(1))?.stopCause).toBe("hard-timeout");
  });

  test("that has ended is not asked to stop", async () => {
    const store = await oneAttempt();
    await keep(store, () => {
      store.attempts.ended(attemptId(1), { at: 20, outcome, peaks });
      expect(store.attempts.stop(attemptId(1), "cancelled")).toBe(false);
    });
  });

  test("is the only live one of its step, whatever the code believes", async () => {
    const store = await oneAttempt();
    await expect(
      keep(store, () => {
        store.attempts.insert(anAttempt(2, { runId: runId(1), number: 2 }));
      }),
    ).rejects.toThrow(/UNIQUE/);
    expect(store.attempts.live()).toHaveLength(1);
  });
});

test("the newest id body is the largest of runs and attempts", async () => {
  const store = openStore();
  expect(store.attempts.newestIdBody()).toBeUndefined();
  await keep(store, () => {
    insertReadyRun(store, aRun(7));
  });
  expect(store.attempts.newestIdBody()).toBe("000000000007");
  await keep(store, () => {
    store.attempts.insert(anAttempt(7, { id: attemptId(8) }));
  });
  expect(store.attempts.newestIdBody()).toBe("000000000008");
});
