import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Artifact } from "../../../daemon/domain/artifact.ts";
import { failureCodes } from "../../../daemon/protocol/error-codes.ts";
import { keep, runId, unwrap } from "../store/support/rows.ts";
import { DaemonRig } from "./daemon-rig.ts";

/** Puts an artifact of these files on record, as the result of a step. */
async function record(
  rig: DaemonRig,
  key: string,
  files: Record<string, string>,
): Promise<Artifact> {
  const { store, artifacts } = rig.context;
  const outDir = join(rig.directory, `out-${key}`);
  mkdirSync(outDir);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(outDir, name), content);
  const kept = unwrap(await artifacts.keep(outDir, { files: [] }));
  unwrap(await artifacts.discard(outDir));
  const stage = { name: "train", version: "1" };
  const parts = { stage, code: "", command: "", args: "", env: "", inputs: {}, output: "model" };
  await keep(store, () => {
    const at = Date.now();
    const run = { runId: runId(1), step: "train", tookMs: 1500, createdAt: at };
    store.artifacts.put(kept, at);
    store.cache.put({
      key,
      artifact: kept.digest,
      kind: "model",
      stepLabel: "r/train",
      parts,
      ...run,
    });
    store.cache.hit(key, at);
  });
  return kept;
}

it("an artifact is got by the beginning of its digest, with what it stands in for", async () => {
  const rig = await DaemonRig.serving();
  const kept = await record(rig, "k", { a: "12", b: "345" });
  const shown = await rig.call("artifact.get", { artifact: kept.digest.slice(0, 6) });
  expect(shown).toMatchObject({ ...kept, type: "tree", entryCount: 2 });
  expect(shown.path).toBe(rig.context.artifacts.pathOf(kept.digest));
  expect(shown.entries.map(({ name, bytes }) => [name, bytes])).toEqual([
    ["a", 2],
    ["b", 3],
  ]);
  expect(shown.results).toMatchObject([{ key: "k", stepLabel: "r/train", hits: 1 }]);
  const short = await rig.call("artifact.get", { artifact: kept.digest, limit: 1 });
  expect([short.entries.length, short.entryCount]).toEqual([1, 2]);
});

it("one that is not there, several, and what is no digest are told apart", async () => {
  const rig = await DaemonRig.serving();
  await keep(rig.context.store, () => {
    for (const tail of ["1", "2"]) {
      const digest = `abcd${tail}`.padEnd(64, "0");
      rig.context.store.artifacts.put({ digest, bytes: 1, files: 1 }, 1);
    }
  });
  const code = async (artifact: string) =>
    (await rig.ask("artifact.get", { artifact })).error?.code;
  expect(await code("dcba")).toBe(failureCodes["not-found"]);
  expect(await code("abcd")).toBe(failureCodes.ambiguous);
  for (const bad of ["abc", "ABCD", "../..", "z".repeat(64)]) {
    expect(await code(bad)).toBe(failureCodes["invalid-request"]);
  }
});

it("the cache is told in figures, pruned and verified", async () => {
  const rig = await DaemonRig.serving();
  const one = await record(rig, "one", { a: "same", b: "only one" });
  const two = await record(rig, "two", { a: "same", c: "only two" });
  expect(await rig.call("cache.stats", {})).toEqual({
    artifacts: 2,
    bytes: 24,
    storedBytes: 20,
    entries: 2,
    hits: 2,
    savedMs: 3000,
  });
  const spoilt = join(rig.context.artifacts.pathOf(one.digest), "b");
  chmodSync(spoilt, 0o644);
  writeFileSync(spoilt, "only 0ne");
  const verified = await rig.call("cache.verify", {});
  expect(verified.rotten).toEqual([{ digest: one.digest, why: "b changed" }]);
  const dry = await rig.call("cache.prune", { maxBytes: 0, dryRun: true });
  expect(dry).toMatchObject({ dryRun: true, removed: 1, freedBytes: 12, storedBytes: 0 });
  expect(dry.artifacts.map(({ digest }) => digest)).toEqual([two.digest]);
  expect(await rig.call("cache.prune", { maxBytes: 0 })).toEqual({ ...dry, dryRun: false });
  expect(await rig.call("cache.stats", {})).toMatchObject({ artifacts: 0, entries: 0, hits: 2 });
});

it("pruning without a rule is refused: nobody means everything", async () => {
  const rig = await DaemonRig.serving();
  const { error } = await rig.ask("cache.prune", {});
  expect(error?.code).toBe(failureCodes["invalid-request"]);
  expect(error?.message).toContain("say what may stay");
});
