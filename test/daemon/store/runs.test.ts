import { describe, expect, test } from "vitest";
import Database from "better-sqlite3";
import type { RunEnd } from "../../../daemon/domain/run.ts";
import { aRun, environment, insertReadyRun, keep, plan, runId } from "./support/rows.ts";
import { openStore, scratchDirectory } from "./support/scratch.ts";

const failed: RunEnd = { kind: "outcome", step: "main", outcome: { cause: "failed", exitCode: 3 } };

describe("a run", () => {
  test("comes back as it was stored, with its plan and environment", async () => {
    const store = openStore();
    const bare = aRun(1);
    const full = aRun(2, {
      dedupeKey: "nightly",
      retriedFrom: runId(1),
      state: "failed",
      startedAt: 5,
      endedAt: 6,
      end: failed,
      exitCode: 3,
      cancelReason: "never mind",
    });
    await keep(store, () => {
      store.runs.insert(bare, plan, environment);
      store.runs.insert(full, plan, environment);
    });
    expect(store.runs.get(bare.id)).toStrictEqual(bare);
    expect(store.runs.get(full.id)).toStrictEqual(full);
    expect(store.runs.byDedupeKey("nightly")).toStrictEqual(full);
    expect(store.runs.newest()).toStrictEqual(full);
    expect(store.runs.plan(full.id)).toStrictEqual(plan);
    expect(store.runs.environment(full.id)).toStrictEqual(environment);
  });

  test("that is not there is undefined, whatever is asked", () => {
    const { runs } = openStore();
    expect(runs.get(runId(1))).toBeUndefined();
    expect(runs.plan(runId(1))).toBeUndefined();
    expect(runs.environment(runId(1))).toBeUndefined();
    expect(runs.byDedupeKey("k")).toBeUndefined();
    expect(runs.newest()).toBeUndefined();
    expect(runs.list({ limit: 10 })).toStrictEqual([]);
  });

  test("has a dedupe key of its own: a second run with it is a bug", async () => {
    const store = openStore();
    await keep(store, () => {
      store.runs.insert(aRun(1, { dedupeKey: "k" }), plan, environment);
    });
    await expect(
      keep(store, () => {
        store.runs.insert(aRun(2, { dedupeKey: "k" }), plan, environment);
      }),
    ).rejects.toThrow(/UNIQUE/);
    expect(store.runs.list({ limit: 10 })).toHaveLength(1);
  });
});

describe("a move", () => {
  test("keeps the first start, and ends once with its end and exit code", async () => {
    const store = openStore();
    const { id } = aRun(1);
    const moves: boolean[] = [];
    await keep(store, () => {
      insertReadyRun(store, aRun(1));
      moves.push(
        store.runs.move(id, "running", { at: 10 }),
        store.runs.move(id, "queued", { at: 20 }),
        store.runs.move(id, "running", { at: 30 }),
        store.runs.move(id, "failed", { at: 40, end: failed }),
        store.runs.move(id, "succeeded", { at: 50 }),
      );
    });
    expect(moves).toStrictEqual([true, true, true, true, false]);
    expect(store.runs.get(id)).toStrictEqual(
      aRun(1, { state: "failed", startedAt: 10, endedAt: 40, end: failed, exitCode: 3 }),
    );
  });

  test("to success has exit code 0 and no end", async () => {
    const store = openStore();
    await keep(store, () => {
      insertReadyRun(store, aRun(1));
      store.runs.move(runId(1), "running", { at: 10 });
      store.runs.move(runId(1), "succeeded", { at: 20 });
    });
    expect(store.runs.get(runId(1))).toStrictEqual(
      aRun(1, { state: "succeeded", startedAt: 10, endedAt: 20, exitCode: 0 }),
    );
  });

  test("takes an exit code that was given over the end's own", async () => {
    const store = openStore();
    await keep(store, () => {
      insertReadyRun(store, aRun(1));
      store.runs.setCancelReason(runId(1), "too slow");
      store.runs.move(runId(1), "cancelled", {
        at: 20,
        end: { kind: "cancelled-while-queued" },
        exitCode: 99,
      });
    });
    expect(store.runs.get(runId(1))).toMatchObject({ exitCode: 99, cancelReason: "too slow" });
  });
});

describe("a list", () => {
  async function tenRuns() {
    const store = openStore();
    await keep(store, () => {
      for (let n = 1; n <= 10; n++) {
        insertReadyRun(store, aRun(n, { name: n % 2 === 0 ? "even" : "odd" }));
        if (n > 4) store.runs.move(runId(n), "running", { at: 1 });
        if (n > 7) store.runs.move(runId(n), "succeeded", { at: 2 });
      }
    });
    return store;
  }
  const numbers = (rows: readonly { id: string }[]) => rows.map(({ id }) => Number(id.slice(4)));

  test("is newest first and goes on where the page before ended", async () => {
    const { runs } = await tenRuns();
    const first = runs.list({ limit: 4 });
    expect(numbers(first)).toStrictEqual([10, 9, 8, 7]);
    expect(numbers(runs.list({ limit: 4, before: runId(7) }))).toStrictEqual([6, 5, 4, 3]);
    expect(numbers(runs.list({ limit: 4, before: runId(1) }))).toStrictEqual([]);
  });

  test("narrows by state, name, age and all of them", async () => {
    const { runs } = await tenRuns();
    expect(numbers(runs.list({ states: ["queued"], limit: 9 }))).toStrictEqual([4, 3, 2, 1]);
    expect(numbers(runs.list({ states: ["queued", "succeeded"], limit: 5 }))).toStrictEqual([
      10, 9, 8, 4, 3,
    ]);
    expect(numbers(runs.list({ states: ["queued", "queued"], limit: 9 }))).toHaveLength(4);
    expect(numbers(runs.list({ states: [], limit: 9 }))).toStrictEqual([]);
    expect(numbers(runs.list({ name: "odd", limit: 3 }))).toStrictEqual([9, 7, 5]);
    expect(numbers(runs.list({ name: "odd", states: ["running"], limit: 9 }))).toStrictEqual([
      7, 5,
    ]);
    expect(numbers(runs.list({ sinceAt: 9000, limit: 9 }))).toStrictEqual([10, 9]);
    expect(numbers(runs.list({ sinceAt: 8000, name: "even", limit: 9 }))).toStrictEqual([10, 8]);
    expect(numbers(runs.list({ sinceAt: 99_000, limit: 9 }))).toStrictEqual([]);
  });

  test("since an instant is right though the clock went back between two runs", async () => {
    const store = openStore();
    await keep(store, () => {
      insertReadyRun(store, aRun(1, { createdAt: 9000 }));
      insertReadyRun(store, aRun(2, { createdAt: 2000 }));
      insertReadyRun(store, aRun(3, { createdAt: 9500 }));
    });
    expect(numbers(store.runs.list({ sinceAt: 9000, limit: 9 }))).toStrictEqual([3, 1]);
  });

  test("of ids finds prefixes, names and what is live", async () => {
    const { runs } = await tenRuns();
    expect(runs.idsByPrefix("00000000000", 2)).toStrictEqual([runId(1), runId(2)]);
    expect(runs.idsByPrefix("run_00000000001", 9)).toStrictEqual([runId(10)]);
    expect(runs.idsByPrefix("zz", 9)).toStrictEqual([]);
    expect(runs.idsByPrefix("%", 9)).toStrictEqual([]);
    expect(runs.idsByName("even", 2)).toStrictEqual([runId(10), runId(8)]);
    expect(runs.live(6)).toStrictEqual([1, 2, 3, 4, 5, 6].map(runId));
    expect(runs.live(99)).toHaveLength(7);
  });

  test("counts stay true through inserts, moves and a rolled-back change", async () => {
    const store = await tenRuns();
    expect(store.runs.counts()).toStrictEqual({ queued: 4, running: 3, ended: 3 });
    await expect(
      keep(store, () => {
        insertReadyRun(store, aRun(11));
        throw new Error("a bug");
      }),
    ).rejects.toThrow("a bug");
    expect(store.runs.counts()).toStrictEqual({ queued: 4, running: 3, ended: 3 });
  });
});

test("security 6: an environment goes with the last run that has it", async () => {
  const file = `${scratchDirectory()}/blut.db`;
  const store = openStore(file);
  await keep(store, () => {
    store.runs.insert(aRun(1), plan, environment);
    store.runs.insert(aRun(2), plan, environment);
  });
  const other = new Database(file);
  const environments = other.prepare("SELECT count(*) FROM environments").pluck();
  other.prepare("DELETE FROM runs WHERE id = ?").run(runId(1));
  expect(environments.get()).toBe(1);
  other.prepare("DELETE FROM runs WHERE id = ?").run(runId(2));
  expect(environments.get()).toBe(0);
  other.close();
  expect(store.runs.counts()).toStrictEqual({ queued: 0, running: 0, ended: 0 });
});
