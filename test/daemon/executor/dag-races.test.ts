import { expect, test } from "vitest";
import { systemClock } from "../../../daemon/base/clock.ts";
import { ok } from "../../../daemon/domain/result.ts";
import { settleStep } from "../../../daemon/executor/run-end.ts";
import { attemptId, keep, unwrap } from "../store/support/rows.ts";
import { DagRig, from, maker } from "./dag-rig.ts";

test("a retry makes the elements again whose artifacts are gone", async () => {
  const rig = new DagRig();
  const id = await rig.submitPlan([
    maker("split", { output: { kind: "list<text>", files: [] } }),
    maker("each", {
      cache: "never",
      inputs: { part: { kind: "list<text>", from: { step: "split" } } },
      map: "part",
    }),
  ]);
  await rig.play(id, (name, attempt) => {
    if (name === "split") rig.leave(attempt, { x: "1", y: "2" });
    else if (name === "each.0") rig.leave(attempt, { f: name });
    else attempt.exit(1);
  });
  const digest = rig.store.steps.get(id, "each.0")?.output?.digest ?? "";
  await keep(rig.store, () => {
    expect(rig.store.artifacts.delete(digest)).toBe(true);
  });
  unwrap(await rig.artifacts.remove(digest));
  rig.started.length = 0;
  const [retried] = unwrap(await rig.scheduler.retry([id]));
  const again = retried?.id ?? id;
  await rig.play(again);
  expect(rig.started.sort()).toEqual(["each.0", "each.1"]);
  expect(rig.store.runs.get(again)).toMatchObject({ state: "succeeded" });
});

test("fail-fast stops what starts in the very commit that the failure is in", async () => {
  const rig = new DagRig();
  const claims = { cpus: 0, gpus: 0, vramBytes: 0, pools: {}, locks: ["one"] };
  const id = await rig.submitPlan(
    [
      { name: "bad", claims },
      { name: "late", claims },
    ],
    {
      failFast: true,
    },
  );
  const bad = await rig.nextStep();
  expect(rig.states(id)).toEqual({ bad: "running", late: "ready" });
  const step = rig.store.runs.step(id, "late");
  const footprint = { limitBytes: 1024 ** 2, origin: { kind: "default" } } as const;
  const start = { attemptId: attemptId(1), runId: id, step, footprint, devices: [], passed: [] };
  void rig.executor.run(start, () => undefined);
  void rig.store.write(() => {
    const books = { store: rig.store, events: rig.events, clock: systemClock };
    const end = { kind: "bad-input", step: "bad", why: "a test" } as const;
    settleStep(books, { runId: id, step: "bad" }, { state: "failed", end });
    return ok(undefined);
  });
  const late = await rig.nextStep();
  expect([bad.name, late.name]).toEqual(["bad", "late"]);
  await late.attempt.signalled;
  bad.attempt.exit(143);
  late.attempt.exit(143);
  await rig.over(id);
  expect(rig.states(id)).toEqual({ bad: "failed", late: "cancelled" });
});

test("an input that changes whenever it is read ends its run, and holds it not for ever", async () => {
  const rig = new DagRig();
  const id = await rig.submitPlan([
    maker("a", { inputs: { x: { kind: "text", from: { path: "/proc/self/status" } } } }),
  ]);
  await rig.over(id);
  const { state, end } = rig.store.runs.get(id) ?? {};
  expect([state, end?.kind]).toEqual(["failed", "bad-input"]);
  expect(end?.kind === "bad-input" && end.why).toMatch(/changed while it was read$/);
});

test("a step does not start on an artifact that was found rotten after it was made", async () => {
  const rig = new DagRig();
  const id = await rig.submitPlan([
    maker("a"),
    maker("gate"),
    maker("b", { needs: ["gate"], inputs: { x: from("a") } }),
  ]);
  const steps = [await rig.nextStep(), await rig.nextStep()];
  const attemptOf = (name: string) => steps.find((step) => step.name === name)?.attempt;
  const [a, gate] = [attemptOf("a"), attemptOf("gate")];
  if (a === undefined || gate === undefined) throw new Error("both run");
  const done = rig.told("step.succeeded");
  rig.leave(a, { f: "a" });
  await done;
  const digest = rig.store.steps.get(id, "a")?.output?.digest ?? "";
  await keep(rig.store, () => rig.store.artifacts.delete(digest));
  unwrap(await rig.artifacts.remove(digest));
  rig.leave(gate, { f: "gate" });
  await rig.play(id);
  expect(rig.states(id)).toMatchObject({ a: "succeeded", b: "failed" });
  expect(rig.started).not.toContain("b");
});
