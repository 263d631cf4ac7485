import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ArtifactStore } from "../../../daemon/artifacts/artifact-store.ts";
import type { PruneRule } from "../../../daemon/artifacts/prune-rule.ts";
import type { Pruned } from "../../../daemon/artifacts/pruning.ts";
import { removeTree } from "../../../daemon/artifacts/work/remove-tree.ts";
import { systemClock } from "../../../daemon/base/clock.ts";
import type { Artifact, KeyParts } from "../../../daemon/domain/artifact.ts";
import { aPlan } from "../../support/plans.ts";
import { aRun, environment, keep, runId, unwrap } from "../store/support/rows.ts";
import { Shop } from "./support/shop.ts";

const day = 86_400_000;

async function prune(shop: Shop, rule: PruneRule, dryRun = false): Promise<Pruned> {
  return unwrap(await shop.upkeep.prune(rule, dryRun));
}

const digestsOf = ({ removed }: Pruned): string[] => removed.map(({ digest }) => digest);

/** Whether each is on record and whole on the disk, or neither. */
function areThere(shop: Shop, ...artifacts: readonly Artifact[]): boolean[] {
  return artifacts.map(({ digest }) => {
    const isOnRecord = shop.store.artifacts.get(digest) !== undefined;
    expect(shop.artifacts.has(digest)).toBe(isOnRecord);
    return isOnRecord;
  });
}

/** The parts of a key whose one input is this artifact. */
function partsWith(digest: string): KeyParts {
  const stage = { name: "train", version: "1" };
  const inputs = { data: { digest, kind: "list<table>" } };
  return { stage, code: "", command: "", args: "", env: "", inputs, output: "" };
}

describe("pruning", () => {
  test("by age removes what was not used for so long, and every file that was only in it", async () => {
    const shop = new Shop();
    const now = Date.now();
    const old = await shop.record({ a: "only here", shared: "12345" }, now - 40 * day);
    const young = await shop.record({ b: "young", shared: "12345" }, now - 20 * day);
    const pruned = await prune(shop, { olderThanMs: 30 * day });
    expect(digestsOf(pruned)).toStrictEqual([old.digest]);
    expect(pruned).toMatchObject({ freedBytes: 9, storedBytes: 10, needed: 0 });
    expect(areThere(shop, old, young)).toStrictEqual([false, true]);
    expect(unwrap(await shop.upkeep.verify())).toMatchObject({
      artifacts: 1,
      files: 2,
      rotten: [],
    });
  });

  test("by size removes the longest unused first, and weighs what each really frees", async () => {
    const shop = new Shop();
    const large = "x".repeat(1000);
    // The first two share their file: removing one of them frees nothing.
    const first = await shop.record({ a: large }, 1);
    const second = await shop.record({ b: large }, 2);
    const third = await shop.record({ c: "y".repeat(500) }, 3);
    const fourth = await shop.record({ d: "z".repeat(400) }, 4);
    const dry = await prune(shop, { maxBytes: 950 }, true);
    expect(areThere(shop, first, second, third, fourth)).toStrictEqual([true, true, true, true]);
    expect(dry).toMatchObject({ freedBytes: 1000, storedBytes: 900, needed: 0 });
    const real = await prune(shop, { maxBytes: 950 });
    expect(real).toStrictEqual(dry);
    expect(areThere(shop, first, second, third, fourth)).toStrictEqual([false, false, true, true]);
    expect(await prune(shop, { maxBytes: 950 })).toMatchObject({ removed: [], freedBytes: 0 });
    expect(await prune(shop, { maxBytes: 0 })).toMatchObject({ freedBytes: 900, storedBytes: 0 });
    expect(readdirSync(shop.artifacts.place.temporary)).toStrictEqual([]);
  });

  test("both together: what is too old goes, and more where that is not enough", async () => {
    const shop = new Shop();
    const now = Date.now();
    const [old, middle, young] = [
      await shop.record({ a: "1".repeat(10) }, now - 40 * day),
      await shop.record({ b: "2".repeat(10) }, now - 10 * day),
      await shop.record({ c: "3".repeat(10) }, now - day),
    ];
    await prune(shop, { olderThanMs: 30 * day, maxBytes: 1000 });
    expect(areThere(shop, old, middle, young)).toStrictEqual([false, true, true]);
    await prune(shop, { olderThanMs: 30 * day, maxBytes: 10 });
    expect(areThere(shop, middle, young)).toStrictEqual([false, true]);
  });

  test("never takes what a live or pinned run needs, however it needs it", async () => {
    const shop = new Shop();
    const { store } = shop;
    const artifacts: Artifact[] = [];
    for (let n = 0; n < 6; n++) artifacts.push(await shop.record({ f: `content ${n}` }, n));
    const [output, read, element, named, given, nobodys] = artifacts.map(({ digest }) => digest);
    const from = { artifact: named ?? "" };
    const naming = aPlan({ inputs: { data: { kind: "any", from } } });
    await keep(store, () => {
      store.runs.insert(aRun(1, { pinned: true }), aPlan(), environment);
      store.steps.insert(runId(1), "main", "running");
      const made = { digest: output ?? "", kind: "model" };
      store.steps.finish(runId(1), "main", "succeeded", { at: 1, output: made });
      store.runs.move(runId(1), "running", { at: 2 });
      store.runs.move(runId(1), "succeeded", { at: 3 });
      store.runs.insert(aRun(2), aPlan(), environment);
      store.lineage.replaceReads({ runId: runId(2), step: "main" }, [
        { input: "data", artifact: read ?? "", kind: "table" },
      ]);
      store.steps.insert(runId(2), "each.0", "ready", {
        parent: "each",
        element: { index: 0, key: "a", artifact: element ?? "" },
      });
      store.runs.insert(aRun(3, { planDigest: "plan-2" }), naming, environment);
      store.steps.insert(runId(2), "join", "ready");
      store.steps.setKey(runId(2), "join", "key", partsWith(given ?? ""));
    });
    const pruned = await prune(shop, { maxBytes: 0 });
    expect(digestsOf(pruned)).toStrictEqual([nobodys]);
    expect(pruned.needed).toBe(5);
    await keep(store, () => {
      const end = { kind: "cancelled-while-queued" } as const;
      for (const n of [2, 3]) store.runs.move(runId(n), "cancelled", { at: 9, end });
      store.steps.move(runId(2), "join", "cancelled");
    });
    // The key of a step outlives its run only in a step that is over.
    expect(digestsOf(await prune(shop, { maxBytes: 0 }))).toStrictEqual([
      read,
      element,
      named,
      given,
    ]);
  });

  test("leaves alone what was just made and is not on record again yet", async () => {
    const shop = new Shop();
    const made = await shop.record({ a: "1" }, Date.now() - 60_000);
    // Made again: whoever did is about to say so.
    await shop.keep({ a: "1" });
    expect(await prune(shop, { maxBytes: 0 })).toMatchObject({ removed: [], needed: 1 });
    await shop.put(made, Date.now());
    expect(digestsOf(await prune(shop, { maxBytes: 0 }))).toStrictEqual([made.digest]);
  });

  test("while the same thing is made over and over leaves it whole or not there at all", async () => {
    const shop = new Shop();
    for (let round = 0; round < 12; round++) {
      const making = shop.keep({ a: "1", "b/c": "2" });
      const [made] = await Promise.all([making, prune(shop, { maxBytes: 0 })]);
      expect(shop.artifacts.has(made.digest)).toBe(true);
      await shop.put(made, Date.now());
      expect(areThere(shop, made)).toStrictEqual([true]);
    }
    expect(unwrap(await shop.upkeep.verify()).rotten).toStrictEqual([]);
  });
});

describe("verify", () => {
  const bed = async () => {
    const shop = new Shop();
    const artifact = await shop.record({ "a/b": "12345", other: "x" }, 1);
    const good = await shop.record({ c: "good", other: "x" }, 2);
    const entry = { kind: "any", stepLabel: "r/s", parts: partsWith(""), runId: runId(1) };
    await keep(shop.store, () => {
      const more = { step: "s", tookMs: 1, createdAt: 1 };
      shop.store.cache.put({ key: "k", artifact: artifact.digest, ...entry, ...more });
      shop.store.cache.put({ key: "good", artifact: good.digest, ...entry, ...more });
    });
    return { shop, artifact, good, path: shop.artifacts.pathOf(artifact.digest) };
  };

  test("finds nothing where nothing is wrong", async () => {
    const { shop } = await bed();
    const found = unwrap(await shop.upkeep.verify());
    expect(found).toStrictEqual({ artifacts: 2, files: 3, bytes: 10, rotten: [] });
  });

  test.each<[string, (path: string, folder: string) => void, string]>([
    [
      "a bit that flipped",
      (path) => {
        chmodSync(join(path, "a/b"), 0o644);
        writeFileSync(join(path, "a/b"), "12346");
      },
      "a/b changed",
    ],
    [
      "a file that is gone",
      (path) => {
        chmodSync(join(path, "a"), 0o755);
        rmSync(join(path, "a/b"));
      },
      "a does not hold the names it was kept with",
    ],
    [
      "a file too many",
      (path) => {
        chmodSync(path, 0o755);
        writeFileSync(join(path, "more"), "");
      },
      "its top directory does not hold the names it was kept with",
    ],
    [
      "a manifest of something else",
      (_, folder) => {
        rmSync(join(folder, "manifest.json"));
        writeFileSync(
          join(folder, "manifest.json"),
          '{"version":1,"content":{"type":"tree"},"trees":[["",[]]]}',
        );
      },
      "its manifest is not the one of this digest",
    ],
    [
      "a manifest that is no JSON",
      (_, folder) => {
        rmSync(join(folder, "manifest.json"));
        writeFileSync(join(folder, "manifest.json"), "{");
      },
      "its manifest cannot be read",
    ],
    [
      "an artifact that is gone",
      (_, folder) => {
        removeTree(folder);
      },
      "it is not in the artifact directory",
    ],
  ])("names %s and takes it out of the cache, and nothing else", async (_, spoil, why) => {
    const { shop, artifact, good, path } = await bed();
    spoil(path, shop.artifacts.place.of(artifact.digest));
    const { rotten } = unwrap(await shop.upkeep.verify());
    expect(rotten).toStrictEqual([{ digest: artifact.digest, why }]);
    expect(areThere(shop, artifact, good)).toStrictEqual([false, true]);
    expect(shop.store.cache.get("k")).toBeUndefined();
    expect(shop.store.cache.get("good")).toBeDefined();
    // Made again it is whole again: the wrong file is not shared with it.
    const again = await shop.record({ "a/b": "12345", other: "x" }, 3);
    expect(again).toStrictEqual(artifact);
    expect(unwrap(await shop.upkeep.verify()).rotten).toStrictEqual([]);
  });

  test("names every artifact that shares the file that rotted", async () => {
    const { shop, artifact, good, path } = await bed();
    chmodSync(join(path, "other"), 0o644);
    writeFileSync(join(path, "other"), "y");
    const { rotten } = unwrap(await shop.upkeep.verify());
    const all = [artifact, good].map(({ digest }) => ({ digest, why: "other changed" }));
    expect(new Set(rotten)).toStrictEqual(new Set(all));
  });
});

describe("after a crash", () => {
  test("what no record speaks of goes, what a run works on stays", async () => {
    const shop = new Shop();
    const recorded = await shop.record({ a: "1" }, 1);
    const orphan = await shop.keep({ b: "2" });
    const element = await shop.keep({ c: "3" });
    await keep(shop.store, () => {
      shop.store.runs.insert(aRun(1), aPlan(), environment);
      shop.store.steps.insert(runId(1), "each.0", "ready", {
        parent: "each",
        element: { index: 0, key: "a", artifact: element.digest },
      });
    });
    // The daemon that made them still knows that it did; the next one does not.
    unwrap(await shop.upkeep.tidy());
    expect(shop.artifacts.has(orphan.digest)).toBe(true);
    const next = new ArtifactStore(shop.place, shop.pool, systemClock);
    const { Upkeep } = await import("../../../daemon/artifacts/upkeep.ts");
    const parts = { store: shop.store, artifacts: next, pool: shop.pool, clock: systemClock };
    unwrap(await new Upkeep(parts).tidy());
    const there = [recorded, orphan, element].map(({ digest }) => next.has(digest));
    expect(there).toStrictEqual([true, false, true]);
  });

  test("what was under way goes", async () => {
    const shop = new Shop();
    const { temporary, directory } = shop.artifacts.place;
    mkdirSync(join(temporary, "half/content"), { recursive: true });
    const next = new ArtifactStore(directory, shop.pool, systemClock);
    expect(readdirSync(next.place.temporary)).toStrictEqual([]);
    // The pool does one upkeep after the other: when this one is done, the removal before it is.
    unwrap(await shop.pool.do("measure", { directory }, { urgency: "upkeep" }));
    expect(readdirSync(directory).filter((name) => name.startsWith("left-"))).toStrictEqual([]);
    expect(existsSync(temporary)).toBe(true);
  });
});
