import { expect, test } from "vitest";
import type { KeyParts } from "../../../daemon/domain/artifact.ts";
import type { NewCacheEntry } from "../../../daemon/store/cache.ts";
import { keep, runId } from "./support/rows.ts";
import { openStore } from "./support/scratch.ts";

const parts: KeyParts = {
  stage: { name: "train", version: "1" },
  code: "c0de",
  command: "python3 train.py",
  args: "{}",
  env: "{}",
  inputs: { data: { digest: "d", kind: "table" } },
  output: "model",
};
const digest = "a".repeat(64);
const artifact = { digest, bytes: 10, files: 1 };

function anEntry(key: string, differently: Partial<NewCacheEntry> = {}): NewCacheEntry {
  return {
    key,
    artifact: digest,
    kind: "model",
    stepLabel: "digits/train",
    parts,
    runId: runId(1),
    step: "train",
    tookMs: 1000,
    createdAt: 100,
    ...differently,
  };
}

test("a result comes back as it was put, and a newer one of its key takes its place", async () => {
  const store = openStore();
  await keep(store, () => {
    store.artifacts.put(artifact, 1);
    store.cache.put(anEntry("k"));
    store.cache.hit("k", 200);
  });
  const entry = { ...anEntry("k"), hits: 1, lastUsedAt: 200 };
  expect(store.cache.get("k")).toStrictEqual(entry);
  const other = { ...artifact, digest: "b".repeat(64) };
  const again = { runId: runId(2), artifact: other.digest, tookMs: 5, createdAt: 300 };
  await keep(store, () => {
    store.artifacts.put(other, 1);
    store.cache.put(anEntry("k", again));
  });
  expect(store.cache.get("k")).toStrictEqual({ ...entry, ...again, lastUsedAt: 300 });
  expect(store.cache.get("other")).toBeUndefined();
});

test("a miss is compared with the newest results of the same step", async () => {
  const store = openStore();
  await keep(store, () => {
    store.artifacts.put(artifact, 1);
    store.cache.put(anEntry("old", { createdAt: 1 }));
    store.cache.put(anEntry("new", { createdAt: 3 }));
    store.cache.put(anEntry("between", { createdAt: 2 }));
    store.cache.put(anEntry("strange", { createdAt: 9, stepLabel: "digits/test" }));
  });
  expect(store.cache.newestOf("digits/train", 2).map(({ key }) => key)).toEqual(["new", "between"]);
  expect(store.cache.newestOf("digits/report", 1)).toEqual([]);
});

test("with an artifact go the results that it is", async () => {
  const store = openStore();
  await keep(store, () => {
    store.artifacts.put(artifact, 1);
    store.cache.put(anEntry("one"));
    store.cache.put(anEntry("two"));
  });
  expect(store.cache.ofArtifact(digest, 9).map(({ key }) => key)).toStrictEqual(["one", "two"]);
  expect(store.cache.ofArtifact(digest, 1)).toHaveLength(1);
  await keep(store, () => {
    expect(store.artifacts.delete(digest)).toBe(true);
    expect(store.artifacts.delete(digest)).toBe(false);
  });
  expect(store.cache.get("one")).toBeUndefined();
  expect(store.cache.ofArtifact(digest, 9)).toStrictEqual([]);
});

test("the figures follow every change, and hits are of all time", async () => {
  const store = openStore();
  expect(store.cache.totals()).toStrictEqual({
    artifacts: 0,
    bytes: 0,
    entries: 0,
    hits: 0,
    savedMs: 0,
  });
  await keep(store, () => {
    store.artifacts.put(artifact, 1);
    store.artifacts.put({ ...artifact, digest: "b".repeat(64), bytes: 5 }, 1);
    store.artifacts.put(artifact, 2);
    store.cache.put(anEntry("one"));
    store.cache.put(anEntry("two", { tookMs: 20 }));
    store.cache.put(anEntry("two", { tookMs: 30 }));
    store.cache.hit("one", 3);
    store.cache.hit("one", 4);
    store.cache.hit("two", 4);
  });
  const figures = { artifacts: 2, bytes: 15, entries: 2, hits: 3, savedMs: 2030 };
  expect(store.cache.totals()).toStrictEqual(figures);
  await keep(store, () => {
    store.artifacts.delete(digest);
  });
  expect(store.cache.totals()).toStrictEqual({ ...figures, artifacts: 1, bytes: 5, entries: 0 });
});

test("a result whose artifact is not on record is never stored", async () => {
  const store = openStore();
  const storing = keep(store, () => {
    store.cache.put(anEntry("k"));
  });
  await expect(storing).rejects.toThrow(/FOREIGN KEY/);
  expect(store.cache.get("k")).toBeUndefined();
});
