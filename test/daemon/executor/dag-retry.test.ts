import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RunId } from "../../../daemon/domain/ids.ts";
import { aPlan } from "../../support/plans.ts";
import type { StagedAttempt } from "../scheduler/queue-rig.ts";
import { failureOf, keep, unwrap } from "../store/support/rows.ts";
import { scratchDirectory } from "../store/support/scratch.ts";
import { DagRig, from, maker } from "./dag-rig.ts";

/** `a` and `b` leave something; `c` needs both and fails. */
async function failedRun(rig: DagRig, cache: "use" | "never" = "never"): Promise<RunId> {
  const id = await rig.submitPlan([
    maker("a", { cache }),
    maker("b", { cache, inputs: { x: from("a") } }),
    maker("c", { cache, inputs: { x: from("b") } }),
    maker("d", { cache, inputs: { x: from("c") } }),
  ]);
  await rig.play(id, failing("c")(rig));
  expect(rig.started.splice(0)).toEqual(["a", "b", "c"]);
  return id;
}

const failing =
  (bad: string) =>
  (rig: DagRig) =>
  (name: string, attempt: StagedAttempt): void => {
    if (name === bad) attempt.exit(1);
    else rig.leave(attempt, { f: name });
  };

describe("retry", () => {
  test("takes over what succeeded, of steps that are never cached too, and does the rest", async () => {
    const rig = new DagRig();
    const first = await failedRun(rig);
    const [retried] = unwrap(await rig.scheduler.retry([first]));
    const id = retried?.id ?? first;
    await rig.play(id);
    expect(rig.started).toEqual(["c", "d"]);
    expect(rig.store.runs.get(id)).toMatchObject({ state: "succeeded", retriedFrom: first });
    expect(rig.store.steps.get(id, "a")).toMatchObject({ cachedFrom: first });
    expect(rig.store.steps.get(id, "a")?.output).toEqual(rig.store.steps.get(first, "a")?.output);
  });

  test("from a step does it again and everything after it, whatever the cache has", async () => {
    const rig = new DagRig();
    const first = await rig.submitPlan([
      maker("a"),
      maker("b", { inputs: { x: from("a") } }),
      maker("c", { inputs: { x: from("b") } }),
      maker("side", { inputs: { x: from("a") } }),
    ]);
    await rig.play(first);
    rig.started.splice(0);
    const [retried] = unwrap(await rig.scheduler.retry([first], { from: "b" }));
    const id = retried?.id ?? first;
    await rig.play(id);
    expect(rig.started).toEqual(["b", "c"]);
    expect(rig.states(id)).toEqual({
      a: "succeeded",
      b: "succeeded",
      c: "succeeded",
      side: "succeeded",
    });
  });

  test("only does that step and leaves the rest as it was", async () => {
    const rig = new DagRig();
    const first = await failedRun(rig);
    const [retried] = unwrap(await rig.scheduler.retry([first], { from: "b", only: true }));
    const id = retried?.id ?? first;
    await rig.play(id);
    expect(rig.started).toEqual(["b"]);
    expect(rig.states(id)).toEqual({ a: "succeeded", b: "succeeded", c: "skipped", d: "skipped" });
    expect(rig.store.runs.get(id)).toMatchObject({ state: "succeeded" });
  });

  test("names the nearest step for one that is not there, and what is missing for one alone", async () => {
    const rig = new DagRig();
    const first = await rig.submitPlan([maker("prepare"), maker("train", { needs: ["prepare"] })]);
    await rig.play(first, failing("prepare")(rig));
    const unknown = failureOf(await rig.scheduler.retry([first], { from: "trian" }));
    expect(unknown.reason).toBe("not-found");
    expect(unknown.message).toContain("did you mean `train`?");
    const alone = failureOf(await rig.scheduler.retry([first], { from: "train", only: true }));
    expect(alone).toMatchObject({ reason: "wrong-state" });
    expect(alone.message).toContain("prepare");
  });

  test("does what succeeded afresh, not from its last checkpoint", async () => {
    const rig = new DagRig();
    const first = await failedRun(rig);
    const key = rig.store.steps.get(first, "b")?.cacheKey ?? "";
    await keep(rig.store, () => {
      const file = "/runs/b/checkpoints/epoch-9.json";
      rig.store.steps.setCheckpoint(first, "b", { key, file, step: 9, at: 1 });
    });
    const [retried] = unwrap(await rig.scheduler.retry([first], { from: "b" }));
    expect(rig.store.steps.get(retried?.id ?? first, "b")?.checkpoint).toBeUndefined();
  });

  test("passes the checkpoint of a step that did not succeed on", async () => {
    const rig = new DagRig();
    const first = await failedRun(rig);
    const key = rig.store.steps.get(first, "c")?.cacheKey ?? "";
    const checkpoint = { key, file: "/runs/c/checkpoints/epoch-3.json", step: 3, at: 1 };
    await keep(rig.store, () => {
      rig.store.steps.setCheckpoint(first, "c", checkpoint);
    });
    const [retried] = unwrap(await rig.scheduler.retry([first]));
    const id = retried?.id ?? first;
    expect(rig.store.steps.get(id, "c")).toMatchObject({ checkpoint });
    await rig.play(id);
    expect(rig.store.steps.get(id, "c")?.cacheKey).toBe(key);
  });

  test("of a mapped step does only the elements again that failed", async () => {
    const rig = new DagRig();
    const first = await rig.submitPlan([
      maker("split", { output: { kind: "list<text>", files: [] } }),
      maker("each", {
        cache: "never",
        inputs: { part: { kind: "list<text>", from: { step: "split" } } },
        map: "part",
      }),
    ]);
    const parts = { x: "1", y: "2", z: "3" };
    await rig.play(first, (name, attempt) => {
      if (name === "each.1") attempt.exit(1);
      else rig.leave(attempt, name === "split" ? parts : { f: name });
    });
    expect(rig.states(first)).toMatchObject({ each: "failed", "each.0": "succeeded" });
    rig.started.splice(0);
    const [retried] = unwrap(await rig.scheduler.retry([first]));
    await rig.play(retried?.id ?? first);
    expect(rig.started).toEqual(["each.1"]);
  });
});

describe("a divergence", () => {
  const plan = (onDiverged: "prune" | "retry") =>
    [
      maker("bad", { onDiverged, retry: { ...retries, diverged: 1 } }),
      maker("after", { inputs: { x: from("bad") } }),
      maker("good"),
      maker("report", { inputs: { a: from("bad", true), b: from("good") } }),
    ] as const;
  const retries = { outOfMemory: 0, failure: 0, lost: 0, timeout: 0, diverged: 0 };

  const diverge = async (rig: DagRig, name: string, attempt: StagedAttempt): Promise<void> => {
    if (name !== "bad") {
      rig.leave(attempt, { f: name });
      return;
    }
    const row = rig.store.attempts.get(attempt.attemptId);
    await keep(rig.store, () => {
      const facts = { metric: "loss", value: "NaN" };
      if (row !== undefined) rig.store.attempts.stop(row.id, "diverged", facts);
    });
    attempt.exit(143);
  };

  test("prunes its branch, and what does not need it goes on to a success", async () => {
    const rig = new DagRig();
    const id = await rig.submitPlan(plan("prune"));
    await rig.play(id, (name, attempt) => void diverge(rig, name, attempt));
    expect(rig.states(id)).toEqual({
      bad: "pruned",
      after: "pruned",
      good: "succeeded",
      report: "succeeded",
    });
    expect(rig.store.steps.get(id, "after")?.because).toBe("bad");
    expect(rig.store.runs.get(id)).toMatchObject({ state: "succeeded" });
  });

  test("is the run's end where nothing else came of it", async () => {
    const rig = new DagRig();
    const id = await rig.submitPlan([maker("bad", { onDiverged: "prune" })]);
    await rig.play(id, (name, attempt) => void diverge(rig, name, attempt));
    expect(rig.store.runs.get(id)).toMatchObject({
      state: "failed",
      exitCode: 118,
      end: { outcome: { cause: "diverged", metric: "loss", value: "NaN" } },
    });
  });
});

describe("what decides a result", () => {
  test("code that changed while the work ran: its artifact is kept, but stands in for nothing", async () => {
    const rig = new DagRig();
    const file = join(scratchDirectory(), "stage.py");
    writeFileSync(file, "one");
    const steps = [maker("a", { code: [file] })] as const;
    const first = await rig.submitPlan(steps);
    const { attempt } = await rig.nextStep();
    writeFileSync(file, "two, and longer");
    rig.leave(attempt, { f: "a" });
    await rig.over(first);
    const output = rig.store.steps.get(first, "a")?.output;
    expect(rig.artifacts.has(output?.digest ?? "")).toBe(true);
    expect(rig.store.cache.totals().entries).toBe(0);
  });

  test("the dry run says which steps are there, and which part changed for one that is not", async () => {
    const rig = new DagRig();
    const file = join(scratchDirectory(), "data.csv");
    writeFileSync(file, "1,2");
    const input = { kind: "csv", from: { path: file } };
    const steps = (epochs: number) =>
      [
        maker("a", { inputs: { data: input } }),
        maker("b", { inputs: { x: from("a") }, args: { epochs } }),
        maker("c", { inputs: { x: from("b") } }),
      ] as const;
    await rig.play(await rig.submitPlan(steps(1)));
    const verdicts = async (plan: readonly [object, ...object[]]) =>
      Object.fromEntries(await rig.executor.verdicts(aPlan(...plan)));
    expect(await verdicts(steps(1))).toMatchObject({
      a: { kind: "hit" },
      b: { kind: "hit" },
      c: { kind: "hit" },
    });
    expect(await verdicts(steps(2))).toMatchObject({
      a: { kind: "hit" },
      b: { kind: "miss", changed: ["args.epochs"] },
      c: { kind: "unknown", after: ["b"] },
    });
  });

  test("a miss is told by the nearest result, not by the last one", async () => {
    const rig = new DagRig();
    const step = (args: object) =>
      [maker("a", { args: { epochs: 1, model: "x", ...args } })] as const;
    await rig.play(await rig.submitPlan(step({})));
    await rig.play(await rig.submitPlan(step({ epochs: 2, model: "y" })));
    const verdicts = await rig.executor.verdicts(aPlan(...step({ epochs: 3 })));
    expect(verdicts.get("a")).toMatchObject({ kind: "miss", changed: ["args.epochs"] });
  });
});
