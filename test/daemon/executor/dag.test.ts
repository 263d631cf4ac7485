import { expect, test } from "vitest";
import { DagRig, from, maker } from "./dag-rig.ts";

test("a diamond runs its middle at once, and its end when both are over", async () => {
  const rig = new DagRig();
  const id = await rig.submitPlan([
    maker("a"),
    maker("b", { inputs: { x: from("a") } }),
    maker("c", { inputs: { x: from("a") } }),
    maker("d", { inputs: { x: from("b"), y: from("c") } }),
  ]);
  const a = await rig.nextStep();
  expect(rig.states(id)).toEqual({ a: "running", b: "waiting", c: "waiting", d: "waiting" });
  rig.leave(a.attempt, { "f.txt": "a" });
  const [b, c] = [await rig.nextStep(), await rig.nextStep()];
  expect([b.name, c.name].sort()).toEqual(["b", "c"]);
  rig.leave(b.attempt, { "f.txt": "b" });
  rig.leave(c.attempt, { "f.txt": "c" });
  rig.leave((await rig.nextStep()).attempt, { "f.txt": "d" });
  await rig.over(id);
  expect(rig.store.runs.get(id)).toMatchObject({ state: "succeeded", exitCode: 0 });
});

test("what is there already is not done again: the second run starts nothing", async () => {
  const rig = new DagRig();
  const steps = [maker("a"), maker("b", { inputs: { x: from("a") } })] as const;
  const first = await rig.submitPlan(steps);
  await rig.play(first);
  expect(rig.started).toEqual(["a", "b"]);
  const second = await rig.submitPlan(steps);
  await rig.over(second);
  expect(rig.started).toEqual(["a", "b"]);
  expect(rig.store.runs.get(second)).toMatchObject({ state: "succeeded" });
  expect(rig.store.steps.of(second)).toMatchObject([{ cachedFrom: first }, { cachedFrom: first }]);
});

test("keep-going: a failed step skips only what needs it, and says which was first", async () => {
  const rig = new DagRig();
  const id = await rig.submitPlan([
    maker("bad"),
    maker("after", { inputs: { x: from("bad") } }),
    maker("last", { inputs: { x: from("after") } }),
    maker("good"),
  ]);
  await rig.play(id, (name, attempt) => {
    if (name === "bad") attempt.exit(7);
    else rig.leave(attempt, { f: name });
  });
  expect(rig.states(id)).toEqual({
    bad: "failed",
    after: "skipped",
    last: "skipped",
    good: "succeeded",
  });
  expect(rig.store.steps.get(id, "last")?.because).toBe("bad");
  expect(rig.store.runs.get(id)).toMatchObject({
    state: "failed",
    exitCode: 7,
    end: { kind: "outcome", step: "bad" },
  });
});

test("fail-fast: the first failure stops what runs and skips the rest", async () => {
  const rig = new DagRig();
  const id = await rig.submitPlan(
    [maker("bad"), maker("long"), maker("later", { needs: ["long"] })],
    {
      failFast: true,
    },
  );
  const running = [await rig.nextStep(), await rig.nextStep()];
  const bad = running.find(({ name }) => name === "bad");
  const long = running.find(({ name }) => name === "long");
  bad?.attempt.exit(3);
  await long?.attempt.signalled;
  expect(long?.attempt.signals).toEqual(["TERM"]);
  long?.attempt.exit(143);
  await rig.over(id);
  expect(rig.states(id)).toEqual({ bad: "failed", long: "cancelled", later: "skipped" });
  expect(rig.store.runs.get(id)).toMatchObject({ state: "failed", exitCode: 3 });
});

test("an optional input that failed is left out; the run still says that it failed", async () => {
  const rig = new DagRig();
  const id = await rig.submitPlan([
    maker("maybe"),
    maker("sure"),
    maker("report", { inputs: { a: from("maybe", true), b: from("sure") } }),
  ]);
  await rig.play(id, (name, attempt) => {
    if (name === "maybe") attempt.exit(1);
    else rig.leave(attempt, { f: name });
  });
  expect(rig.states(id)).toEqual({ maybe: "failed", sure: "succeeded", report: "succeeded" });
  expect(Object.keys(rig.store.steps.keyParts(id, "report")?.inputs ?? {})).toEqual(["b"]);
  expect(rig.store.runs.get(id)).toMatchObject({ state: "failed", exitCode: 1 });
});

test("a mapped step is one step for each entry, and its results one list", async () => {
  const rig = new DagRig();
  const steps = [
    maker("split", { output: { kind: "list<text>", files: [] } }),
    maker("each", {
      inputs: { part: { kind: "list<text>", from: { step: "split" } } },
      map: "part",
    }),
    maker("join", { inputs: { all: { kind: "list<text>", from: { step: "each" } } } }),
  ] as const;
  const first = await rig.submitPlan(steps);
  await rig.play(first, (name, attempt) => {
    rig.leave(attempt, name === "split" ? { x: "1", y: "2", z: "3" } : { f: name });
  });
  // Elements start side by side, in any order.
  expect(rig.started.toSorted()).toEqual(["each.0", "each.1", "each.2", "join", "split"]);
  expect(rig.store.runs.get(first)).toMatchObject({ state: "succeeded" });
  const joined = rig.store.steps.keyParts(first, "join")?.inputs["all"]?.digest ?? "";
  const list = await rig.artifacts.list(joined);
  expect(list.ok && list.value.entries.map(({ name }) => name)).toEqual(["x", "y", "z"]);
  const second = await rig.submitPlan(steps);
  await rig.over(second);
  expect(rig.started).toHaveLength(5);
  expect(rig.store.steps.get(second, "each.1")).toMatchObject({ cachedFrom: first });
});

test("output that is none fails the step, without another try", async () => {
  const rig = new DagRig();
  const id = await rig.submitPlan([maker("a", { output: { kind: "text", files: ["must.txt"] } })]);
  await rig.play(id, (_name, attempt) => {
    attempt.exit(0);
  });
  expect(rig.started).toEqual(["a"]);
  expect(rig.store.runs.get(id)).toMatchObject({
    state: "failed",
    exitCode: 117,
    end: { outcome: { cause: "bad-output" } },
  });
});

test("the same work at the same time is done once", async () => {
  const rig = new DagRig();
  const [first, second] = [await rig.submitPlan([maker("a")]), await rig.submitPlan([maker("a")])];
  const { attempt } = await rig.nextStep();
  rig.leave(attempt, { f: "a" });
  await rig.over(first);
  await rig.over(second);
  expect(rig.started).toEqual(["a"]);
  expect(rig.store.steps.get(second, "a")).toMatchObject({ cachedFrom: first });
});

test("a cancel of a DAG ends what runs by signal and all the rest at once", async () => {
  const rig = new DagRig();
  const id = await rig.submitPlan([maker("a"), maker("b", { inputs: { x: from("a") } })]);
  const { attempt } = await rig.nextStep();
  await rig.scheduler.cancel([id], { now: false });
  expect(rig.states(id)).toEqual({ a: "running", b: "cancelled" });
  attempt.exit(143);
  await rig.over(id);
  expect(rig.states(id)).toEqual({ a: "cancelled", b: "cancelled" });
  expect(rig.store.runs.get(id)).toMatchObject({ state: "cancelled", exitCode: 122 });
});

test("policies that nothing calls upon change nothing: the events are those of the static plan", async () => {
  const eventsOf = async (onDiverged: "ignore" | "prune" | "retry"): Promise<string[]> => {
    const rig = new DagRig();
    const id = await rig.submitPlan([
      maker("a", { onDiverged, argv: ["/bin/true", onDiverged] }),
      maker("b", { onDiverged, argv: ["/bin/true", onDiverged], inputs: { x: from("a") } }),
      maker("c", { onDiverged, argv: ["/bin/true", onDiverged], inputs: { x: from("b", true) } }),
    ]);
    await rig.play(id, (name, attempt) => {
      if (name === "b") attempt.exit(1);
      else rig.leave(attempt, { f: name });
    });
    return rig.events
      .since(0, 1000)
      .map(({ kind, facts }) => `${kind} ${JSON.stringify(facts["step"])}`);
  };
  const asBefore = await eventsOf("ignore");
  expect(asBefore).toContain(`step.failed "b"`);
  expect(await eventsOf("prune")).toEqual(asBefore);
  expect(await eventsOf("retry")).toEqual(asBefore);
});
