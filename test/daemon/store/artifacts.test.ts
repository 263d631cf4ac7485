import { expect, test } from "vitest";
import { aPlan } from "../../support/plans.ts";
import { aRun, environment, keep, runId } from "./support/rows.ts";
import { openStore } from "./support/scratch.ts";

const digest = (n: number): string => n.toString(16).padStart(64, "0");
const artifact = (n: number) => ({ digest: digest(n), bytes: n * 10, files: n });

test("an artifact comes back as it was put; put again it is only used again", async () => {
  const store = openStore();
  await keep(store, () => {
    store.artifacts.put(artifact(1), 100);
    store.artifacts.put({ ...artifact(1), bytes: 7 }, 300);
    store.artifacts.put(artifact(1), 200);
  });
  const row = { ...artifact(1), createdAt: 100, lastUsedAt: 300 };
  expect(store.artifacts.get(digest(1))).toStrictEqual(row);
  await keep(store, () => {
    store.artifacts.touch(digest(1), 250);
    expect(store.artifacts.get(digest(1))?.lastUsedAt).toBe(300);
    store.artifacts.touch(digest(1), 350);
  });
  expect(store.artifacts.get(digest(1))?.lastUsedAt).toBe(350);
  expect(store.artifacts.get(digest(2))).toBeUndefined();
});

test("artifacts are found by the beginning of their digest", async () => {
  const store = openStore();
  const digests = ["ab00", "ab0f", "ab1f", "abff", "b000"].map((head) => head.padEnd(64, "0"));
  await keep(store, () => {
    for (const one of digests) store.artifacts.put({ digest: one, bytes: 1, files: 1 }, 1);
  });
  const found = (prefix: string, limit = 9) =>
    store.artifacts.byPrefix(prefix, limit).map((row) => row.digest.slice(0, 4));
  expect(found("ab0")).toStrictEqual(["ab00", "ab0f"]);
  expect(found("ab")).toStrictEqual(["ab00", "ab0f", "ab1f", "abff"]);
  expect(found("ab", 1)).toStrictEqual(["ab00"]);
  expect(found(digests[4] ?? "")).toStrictEqual(["b000"]);
  expect(found("c")).toStrictEqual([]);
});

test("pages in the order of use leave none out and name none twice", async () => {
  const store = openStore();
  const usedAt = [5, 3, 3, 3, 1, 5, 2];
  await keep(store, () => {
    usedAt.forEach((at, n) => {
      store.artifacts.put(artifact(n), at);
    });
  });
  const seen: string[] = [];
  for (let page = store.artifacts.leastUsed(2); page.length > 0;) {
    seen.push(...page.map((row) => row.digest));
    page = store.artifacts.leastUsed(2, page.at(-1));
  }
  expect(seen).toStrictEqual([4, 6, 1, 2, 3, 0, 5].map(digest));
});

test("an artifact is needed by a live or pinned run that wrote it, read it or works on it", async () => {
  const store = openStore();
  const needed = () => [1, 2, 3, 4].map((n) => store.artifacts.neededBy(digest(n)));
  const element = { index: 0, key: "a", artifact: digest(3) };
  const output = { digest: digest(1), kind: "table" };
  await keep(store, () => {
    for (let n = 1; n <= 4; n++) store.runs.insert(aRun(n), aPlan(), environment);
    store.steps.insert(runId(1), "main", "running");
    store.steps.finish(runId(1), "main", "succeeded", { at: 1, output });
    store.lineage.replaceReads({ runId: runId(2), step: "main" }, [
      { input: "data", artifact: digest(2), kind: "table", fromStep: "x" },
    ]);
    store.steps.insert(runId(3), "main.0", "ready", { parent: "main", element });
  });
  expect(needed()).toStrictEqual([runId(1), runId(2), runId(3), undefined]);
  await keep(store, () => {
    for (const n of [1, 2, 3]) {
      store.runs.move(runId(n), "cancelled", { at: 9, end: { kind: "cancelled-while-queued" } });
    }
  });
  expect(needed()).toStrictEqual([undefined, undefined, undefined, undefined]);
});

test("a pinned run keeps what it made when it is over", async () => {
  const store = openStore();
  await keep(store, () => {
    store.runs.insert(aRun(1, { pinned: true }), aPlan(), environment);
    store.steps.insert(runId(1), "main", "running");
    store.steps.finish(runId(1), "main", "succeeded", {
      at: 1,
      output: { digest: digest(1), kind: "table" },
    });
    store.runs.move(runId(1), "running", { at: 2 });
    store.runs.move(runId(1), "succeeded", { at: 3 });
  });
  expect(store.artifacts.neededBy(digest(1))).toBe(runId(1));
});

test("plans of live runs and keys of open steps are read page by page, none twice", async () => {
  const store = openStore();
  const plan = aPlan({ inputs: { data: { kind: "any", from: { artifact: digest(7) } } } });
  await keep(store, () => {
    for (let n = 1; n <= 3; n++) {
      store.runs.insert(
        aRun(n, { planDigest: `plan-${n % 2}` }),
        n % 2 === 1 ? plan : aPlan(),
        environment,
      );
      store.steps.insert(runId(n), "main", "ready");
    }
  });
  const first = store.artifacts.livePlans("queued", "", 2);
  expect(first.map((row) => row.runId)).toStrictEqual([runId(1), runId(2)]);
  expect(first.map((row) => row.plan?.includes(digest(7)))).toStrictEqual([true, undefined]);
  expect(store.artifacts.livePlans("queued", runId(2), 2)).toHaveLength(1);
  expect(store.artifacts.livePlans("running", "", 2)).toStrictEqual([]);
  const steps = store.artifacts.openKeys("ready", { runId: runId(1), step: "main" }, 9);
  expect(steps.map((row) => row.runId)).toStrictEqual([runId(2), runId(3)]);
});
