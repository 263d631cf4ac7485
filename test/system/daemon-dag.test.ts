import { rmSync, watch } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AttemptId } from "../../daemon/domain/ids.ts";
import { scopeName, sliceName } from "../../daemon/systemd/unit-name.ts";
import { expectIntact } from "../integration/ledger.ts";
import type { Rig } from "../support/rig.ts";
import * as dag from "./support/dag.ts";
import * as box from "./support/user-systemd.ts";

const { causesOf, from, livesOf, stage, statesOf, step, submitPlan, takes, whenTold } = dag;
const { mib } = box;

let rig: Rig;
beforeAll(async () => {
  rig = await box.systemdRig({ flags: ["--budget", "200M"], env: { BLUT_POOLS: "door=2" } });
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await box.sweep();
});
beforeEach(async () => {
  rmSync(path.join(rig.directory, "ledger"), { force: true });
  await expect.poll(box.attemptUnits).toStrictEqual([]);
});

/** `MemoryMax` of a step's scope, as systemd has it. */
async function limitInSystemd(run: string, name: string): Promise<number> {
  const scope = scopeName(await dag.attemptOf(rig, run, name));
  return Number(await box.userSystemctl("show", "--property=MemoryMax", "--value", scope));
}

/** Why a step waits, once it has been looked at. */
async function expectWait(run: string, name: string, reason: string): Promise<void> {
  const reasonOf = async (): Promise<string | undefined> => {
    const { steps } = await rig.call("run.get", { run });
    return steps.find((row) => row.name === name)?.wait?.reason;
  };
  await expect.poll(reasonOf).toBe(reason);
}

describe("the steps of a plan share the box", () => {
  test("two branches that fit run at once, each in a scope with its limit, then what joins them", async () => {
    const run = await submitPlan(
      rig,
      step(rig, "left", whenTold(rig, "both"), takes(80)),
      step(rig, "right", whenTold(rig, "both"), takes(100)),
      step(rig, "join", ["true"], { inputs: { l: from("left"), r: from("right") }, ...takes(64) }),
    );
    for (const name of ["left", "right"]) await rig.says(run, "holding", name);
    const scopes = box.liveScopes(await box.cgroupOf("blut.slice"));
    expect(scopes.map(({ maxBytes }) => maxBytes / mib).sort((a, b) => a - b)).toEqual([80, 100]);
    expect(await limitInSystemd(run, "left")).toBe(80 * mib);
    expect(await limitInSystemd(run, "right")).toBe(100 * mib);
    rig.release("both");
    const ended = await rig.finished(run);
    expect(ended.stepCounts).toEqual({ succeeded: 3 });
    expect(ended.history).toHaveLength(3);
  });

  test("two that do not fit together are never both there", async () => {
    const seen = dag.watchLimits(await box.cgroupOf("blut.slice"));
    const run = await submitPlan(
      rig,
      step(rig, "one", whenTold(rig, "go"), takes(120)),
      step(rig, "two", whenTold(rig, "go"), takes(121)),
    );
    const first = await Promise.race(
      ["one", "two"].map((name) => rig.says(run, "holding", name).then(() => name)),
    );
    await expectWait(run, first === "one" ? "two" : "one", "memory-budget");
    expect(box.liveScopes(await box.cgroupOf("blut.slice"))).toHaveLength(1);
    rig.release("go");
    expect(await rig.finished(run)).toMatchObject({ state: "succeeded", attempts: 1 });
    expect(dag.together(rig).every((names) => names.size <= 1)).toBe(true);
    expect(seen()).toBeLessThanOrEqual(121 * mib);
  });

  test("a fan of which three fit: the limits of what lives never sum up to more", async () => {
    const seen = dag.watchLimits(await box.cgroupOf("blut.slice"));
    const names = Array.from({ length: 15 }, (_, n) => `s${String(n)}`);
    const root = step(rig, "root", ["true"]);
    const fan = names.map((name) =>
      step(rig, name, whenTold(rig, "fan"), { inputs: { root: from("root") } }),
    );
    const all = { kind: "list<text>", from: { steps: names } };
    const run = await submitPlan(
      rig,
      root,
      ...fan,
      step(rig, "join", ["true"], { inputs: { all } }),
    );
    await expect.poll(() => dag.together(rig).at(-1)?.size).toBe(3);
    rig.release("fan");
    expect(await rig.finished(run)).toMatchObject({ state: "succeeded", attempts: 1 });
    expect(seen()).toBe(3 * 64 * mib);
    expect(Math.max(...dag.together(rig).map(({ size }) => size))).toBe(3);
  });

  test("a branch that diverged is pruned, however deaf, and what waited for its memory starts", async () => {
    const nan = `echo '{"type":"metric","name":"loss","value":NaN}' >>"$BLUT_EVENTS"`;
    const deaf = `trap '' TERM; ${nan}; "${stage("ignore-sigterm")}"`;
    const seen = dag.watchLimits(await box.cgroupOf("blut.slice"));
    const run = await submitPlan(
      rig,
      step(rig, "diverges", whenTold(rig, "nan", deaf), { onDiverged: "prune", ...takes(120) }),
      step(rig, "after", ["true"], { inputs: { x: from("diverges") }, ...takes(120) }),
    );
    await rig.says(run, "holding", "diverges");
    const waiter = await submitPlan(rig, step(rig, "waiter", ["true"], takes(120)));
    await expectWait(waiter, "waiter", "memory-budget");
    rig.release("nan");
    expect(await rig.finished(waiter)).toMatchObject({ state: "succeeded", attempts: 1 });
    const ended = await rig.finished(run);
    expect(statesOf(ended)).toEqual({ diverges: "pruned", after: "pruned" });
    expect(causesOf(ended)).toEqual({ diverges: ["diverged"] });
    expect(ended).toMatchObject({ state: "failed", exitCode: 118 });
    expect(seen()).toBeLessThanOrEqual(120 * mib);
  });
});

describe("memory that does not suffice", () => {
  test("a step killed at its own limit gets more; nothing beside it runs again, and the second run is all cached", async () => {
    const plan = [
      step(rig, "split", ["true"]),
      step(rig, "side", ["true"], { inputs: { x: from("split") } }),
      step(rig, "grows", whenTold(rig, "grow", `${stage("grow-memory")} 100`), {
        inputs: { x: from("split") },
      }),
      step(rig, "join", ["true"], { inputs: { side: from("side"), grows: from("grows") } }),
    ] as const;
    const run = await submitPlan(rig, ...plan);
    await rig.event("step.succeeded", run, "side");
    rig.release("grow");
    const ended = await rig.finished(run);
    expect(ended.stepCounts).toEqual({ succeeded: 4 });
    expect(causesOf(ended)).toEqual({
      split: ["succeeded"],
      side: ["succeeded"],
      grows: ["out-of-memory", "succeeded"],
      join: ["succeeded"],
    });
    const grown = ended.history.filter((attempt) => attempt.step === "grows");
    expect(grown.map(({ limitBytes }) => limitBytes / mib)).toEqual([64, 128]);
    const lives = { split: [1, 1], side: [1, 1], grows: [2, 1], join: [1, 1] };
    expect(livesOf(rig)).toEqual(lives);

    await expect.poll(box.attemptUnits).toStrictEqual([]);
    const made: (string | null)[] = [];
    const watcher = watch(await box.cgroupOf("blut.slice"), (_, name) => made.push(name));
    const again = await rig.finished(await submitPlan(rig, ...plan));
    expect([again.state, again.attempts, again.history]).toEqual(["succeeded", 0, []]);
    const artifactsOf = ({ steps }: typeof again) => steps.map(({ artifact }) => artifact);
    expect(artifactsOf(again)).toEqual(artifactsOf(ended));
    expect(livesOf(rig)).toEqual(lives);
    // Whatever is made in the slice is seen, and this is the first that is.
    const next = await rig.submit(["true"]);
    const { attemptId = "" } = await rig.event("attempt.started", next);
    const units = (): unknown[] => made.filter((name) => name?.startsWith("blut-att"));
    await expect.poll(units).not.toEqual([]);
    watcher.close();
    expect(new Set(units())).toEqual(new Set([sliceName(attemptId as AttemptId)]));
    await rig.finished(next);
  });

  test("an element of a list that is killed at its limit gets more, the others are as they were", async () => {
    const write = 'cd "$BLUT_OUT" && echo 1 >a && echo 100 >b && echo 2 >c';
    const grow = `"$1" $(cat "$2") && cp "$2" "$BLUT_OUT/size"`;
    const list = { kind: "list<text>" };
    const run = await submitPlan(
      rig,
      step(rig, "split", ["sh", "-c", write], { output: list }),
      step(rig, "each", ["sh", "-c", grow, "each", stage("grow-memory"), [{ input: "size" }]], {
        inputs: { size: from("split", "list<text>") },
        map: "size",
      }),
      step(rig, "join", ["sh", "-c", 'cat "$0"/*/size', [{ input: "sizes" }]], {
        inputs: { sizes: from("each", "list<text>") },
      }),
    );
    const ended = await rig.finished(run);
    expect(ended.state, ended.sentence).toBe("succeeded");
    const causes = causesOf(ended);
    expect(causes["each.1"]).toEqual(["out-of-memory", "succeeded"]);
    expect([causes["each.0"], causes["each.2"]]).toEqual([["succeeded"], ["succeeded"]]);
    expect(livesOf(rig)).toEqual({ split: [1, 1], each: [4, 3], join: [1, 1] });
    expect(await rig.output(run, "stdout", "join")).toBe("1\n100\n2\n");
    const { elements } = (await rig.event("step.mapped", run)).facts;
    expect(elements).toBe(3);
  });
});

describe("locks and pools", () => {
  test("steps of several runs that want the same never overlap, and all come to their end", async () => {
    const held = (name: string, locks: string[], pools: Record<string, number>) =>
      step(rig, name, ["sleep", "0.05"], {
        cache: "never",
        claims: { locks, pools },
        ...takes(30),
      });
    const runs = ["x", "y", "z"].map((run) =>
      submitPlan(
        rig,
        held(`${run}-ab`, ["a", "b"], {}),
        held(`${run}-ba`, ["b", "a"], { door: 1 }),
        held(`${run}-bc`, ["b", "c"], { door: 2 }),
        held(`${run}-ca`, ["c", "a"], { door: 1 }),
        { ...held(`${run}-abc`, ["c", "a", "b"], { door: 2 }), needs: [`${run}-ca`] },
        held(`${run}-door`, [], { door: 1 }),
      ),
    );
    // Two places mean two at once: each of these waits for the other to be there.
    const meets = (mine: string, other: string) =>
      step(
        rig,
        mine,
        ["sh", "-c", `: > release-${mine}; "$0" release-${other}`, stage("hold-until-told")],
        {
          ...{ cache: "never", claims: { pools: { door: 1 } } },
          ...takes(30),
        },
      );
    runs.push(submitPlan(rig, meets("this", "that"), meets("that", "this")));
    for (const run of await Promise.all(runs)) {
      expect(await rig.finished(run)).toMatchObject({ state: "succeeded" });
    }
    const locksOf = (name: string): string[] => /^[xyz]-([abc]+)$/.exec(name)?.[1]?.split("") ?? [];
    const doors: Record<string, number> = { ab: 0, ba: 1, bc: 2, ca: 1, abc: 2, door: 1 };
    for (const names of dag.together(rig)) {
      const locks = [...names].flatMap(locksOf);
      expect(new Set(locks).size, [...names].join()).toBe(locks.length);
      const taken = [...names].map((name) => doors[name.slice(2)] ?? 1);
      expect(
        taken.reduce((sum, n) => sum + n, 0),
        [...names].join(),
      ).toBeLessThanOrEqual(2);
    }
    expect(Object.values(livesOf(rig))).toEqual(Array.from({ length: 20 }, () => [1, 1]));
  });
});

test("a cancelled plan leaves nothing: no scope, no slice, no reservation", async () => {
  const list = { kind: "list<text>" };
  const run = await submitPlan(
    rig,
    step(rig, "split", ["sh", "-c", 'cd "$BLUT_OUT" && for n in a b c d e; do echo $n >$n; done'], {
      output: list,
    }),
    step(rig, "holds", whenTold(rig, "never"), {
      inputs: { part: from("split", "list<text>") },
      map: "part",
      ...takes(40),
    }),
    step(rig, "deaf", [stage("ignore-sigterm")], takes(40)),
    step(rig, "join", ["true"], { inputs: { parts: from("holds", "list<text>") } }),
  );
  await rig.says(run, "deaf", "deaf");
  await rig.event("step.mapped", run);
  const elements = [0, 1, 2, 3, 4].map((n) => `holds.${String(n)}`);
  for (const name of elements.slice(0, 4)) await rig.says(run, "holding", name);
  await expectWait(run, "holds.4", "memory-budget");
  await rig.call("run.cancel", { runs: [run] });
  const ended = await rig.finished(run);
  expect(ended.state).toBe("cancelled");
  expect(statesOf(ended)).toEqual({
    split: "succeeded",
    ...Object.fromEntries(["holds", ...elements, "deaf", "join"].map((n) => [n, "cancelled"])),
  });
  await expect.poll(box.attemptUnits).toStrictEqual([]);
  const budget = await box.cgroupOf("blut.slice");
  expect(budget === "" ? [] : box.directoriesIn(budget)).toStrictEqual([]);
  const { memory, running, waiting } = await rig.call("daemon.status", {});
  expect([memory.reservedBytes, running, waiting]).toEqual([0, [], []]);
  await rig.end("SIGTERM");
  expectIntact(rig);
});
