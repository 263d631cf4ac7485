import { cpSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Rig } from "../support/rig.ts";
import { blutctl } from "./support/blutctl.ts";
import { sweep, systemdRig, userSystemctl } from "./support/user-systemd.ts";

const repository = path.resolve(import.meta.dirname, "../..");
let rig: Rig;
beforeAll(async () => {
  rig = await systemdRig();
  // What is published goes beside the recipe, and the tree is not ours to write to.
  cpSync(path.join(repository, "python"), path.join(rig.directory, "python"), { recursive: true });
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await sweep();
});

const example = (file: string): string => path.join(rig.directory, "python/examples", file);

/** Starts a recipe as a person does, and answers the run's id. */
async function recipe(file: string, ...overrides: string[]): Promise<string> {
  const { code, stdout, stderr } = await blutctl(rig, "recipe", "run", example(file), ...overrides)
    .ended;
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^run_\w+\n$/);
  return stdout.trim();
}

/** How each step of a run ended. */
async function statesOf(run: string): Promise<Record<string, string>> {
  const { steps } = await rig.finished(run);
  return Object.fromEntries(steps.map(({ name, state }) => [name, state]));
}

async function logOf(run: string, step: string, attempt = 1): Promise<string> {
  const page = await rig.call("run.log", { run, step, attempt, stream: "stdout" });
  return Buffer.from(page.base64, "base64").toString();
}

/** The report that was published: the accuracy of each point, by what it was trained with. */
function accuracies(): Record<string, number> {
  const rows = readFileSync(example("digits/results/report.md"), "utf8").split("\n");
  const cells = rows.filter((row) => row.includes("model=")).map((row) => row.split("|"));
  return Object.fromEntries(cells.map(([, point = "", share]) => [point.trim(), Number(share)]));
}

describe("the digits", () => {
  const sweepOf = [
    "digits/pipeline.toml",
    "model=choice(gbt,mlp,knn,logistic)",
    "epochs=3",
  ] as const;
  const steps = ["prepare", "split", "report", "train", "evaluate"].flatMap((name) =>
    ["train", "evaluate"].includes(name) ? [1, 2, 3, 4].map((n) => `${name}-${n}`) : [name],
  );

  test("four models are trained, measured and compared; plots are written", async () => {
    const run = await recipe(...sweepOf);
    expect(await statesOf(run)).toStrictEqual(
      Object.fromEntries(steps.map((name) => [name, "succeeded"])),
    );
    const found = accuracies();
    const points = ["gbt", "knn", "logistic", "mlp"].map(
      (model) => `epochs=3, lr=0.1, model=${model}`,
    );
    expect(Object.keys(found).sort()).toStrictEqual(points);
    for (const point of points) expect(found[point]).toBeGreaterThan(0.8);
    for (const name of ["accuracies", "losses", "confusion"]) {
      const plot = readFileSync(example(`digits/results/${name}.png`));
      expect(plot.subarray(1, 4).toString()).toBe("PNG");
      expect(plot.length).toBeGreaterThan(4000);
    }
  }, 300_000);

  test("the same again does no work at all", async () => {
    const run = await recipe(...sweepOf);
    const { state, history } = await rig.finished(run);
    expect([state, history]).toStrictEqual(["succeeded", []]);
    const cached = rig.events.filter(({ kind, runId }) => kind === "step.cached" && runId === run);
    expect(cached.map(({ facts }) => facts["step"]).sort()).toStrictEqual(steps.toSorted());
  });

  test("a branch that diverges is pruned; its sibling goes on, and the report is of that", async () => {
    const run = await recipe("digits/pipeline.toml", "model=mlp", "lr=0.2,1e9", "epochs=20");
    expect(await statesOf(run)).toStrictEqual({
      prepare: "succeeded",
      split: "succeeded",
      "train-1": "succeeded",
      "train-2": "pruned",
      "evaluate-1": "succeeded",
      "evaluate-2": "pruned",
      report: "succeeded",
    });
    const { history } = await rig.call("run.get", { run });
    expect(history.find(({ step }) => step === "train-2")?.outcome).toStrictEqual({
      cause: "diverged",
      metric: "loss",
      value: "NaN",
    });
    expect(Object.keys(accuracies())).toStrictEqual(["epochs=20, lr=0.2, model=mlp"]);
  }, 200_000);

  test("a trainer that is killed goes on from its checkpoint", async () => {
    // So many that it is never through before it is killed, on a busy box either.
    const run = await recipe("digits/pipeline.toml", "model=mlp", "epochs=600", "lr=0.01");
    await rig.event("step.checkpoint", run);
    const { history } = await rig.call("run.get", { run });
    const { unit = "" } = history.find(({ step }) => step === "train") ?? {};
    await userSystemctl("kill", "--signal=KILL", unit);
    const ended = await rig.finished(run);
    expect(ended.state).toBe("succeeded");
    expect(ended.history.filter(({ step }) => step === "train")).toMatchObject([
      { outcome: { cause: "killed-from-outside", by: "stranger" } },
      { outcome: { cause: "succeeded" } },
    ]);
    const [, before] = /epoch (\d+)[^\n]*\n?$/.exec(await logOf(run, "train")) ?? [];
    const resumed = /^resumed after epoch (\d+)\nepoch (\d+):/.exec(await logOf(run, "train", 2));
    expect(Number(resumed?.[1])).toBeGreaterThan(0);
    expect(Number(resumed?.[1])).toBeLessThanOrEqual(Number(before) + 1);
    expect(Number(resumed?.[2])).toBe(Number(resumed?.[1]) + 1);
  }, 200_000);
});

describe("the fine-tuning", () => {
  test("each method gets better than the base from a frozen spec", async () => {
    const run = await recipe("finetune/finetune.toml", "method=full,head,low-rank");
    expect((await rig.finished(run)).state).toBe("succeeded");
    for (const step of ["tune-1", "tune-2", "tune-3"]) {
      const [, before, after] =
        /accuracy ([\d.]+)% before, ([\d.]+)% after/.exec(await logOf(run, step)) ?? [];
      expect(Number(after)).toBeGreaterThan(Number(before) + 30);
    }
  }, 200_000);

  test("a spec that makes no sense fails before anything is trained", async () => {
    const run = await recipe("finetune/finetune.toml", "method=full", "lr=-1");
    expect(await statesOf(run)).toMatchObject({ spec: "failed", tune: "skipped" });
    const page = await rig.call("run.log", { run, step: "spec", stream: "stderr" });
    expect(Buffer.from(page.base64, "base64").toString()).toContain(
      "lr: expected a number above 0, got -1.0",
    );
  }, 100_000);
});
