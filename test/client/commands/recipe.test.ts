import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { failure } from "../../../daemon/domain/failure.ts";
import type { MethodResult } from "../../../daemon/protocol/methods.ts";
import { ClientRig } from "../../support/client-rig.ts";
import { gib, mib } from "../../support/wire-facts.ts";

let rig: ClientRig;
beforeEach(() => (rig = new ClientRig()));
afterEach(() => rig.close());

type PlanAnswer = MethodResult<"recipe.plan">;
type PlanStep = PlanAnswer["steps"][number];

const accepted = {
  id: "run_01j9x2c3d4e5",
  deduplicated: false,
  steps: 5,
  points: 3,
  fingerprint: "f".repeat(64),
};

function write(file: string, text: string): void {
  writeFileSync(join(rig.directory, file), text);
}

function aPlannedStep(name: string, more: Partial<PlanStep> = {}): PlanStep {
  return {
    name,
    needs: [],
    command: "python3 x.py",
    cwd: "/w",
    args: {},
    cache: { kind: "miss", key: "k", changed: [] },
    footprint: { limitBytes: 200 * mib, origin: { kind: "declared" }, sentence: "as declared" },
    claims: { cpus: 0, gpus: 0, vramBytes: 0, pools: {}, locks: [] },
    ...more,
  };
}

function aPlanAnswer(steps: PlanStep[], more: Partial<PlanAnswer> = {}): PlanAnswer {
  return {
    steps,
    left: 0,
    cache: { hit: 1, miss: 2, unknown: 0, never: 0 },
    memory: { budgetBytes: 4 * gib, peakBytes: gib, wantedBytes: 6 * gib, stepsAtOnce: 4 },
    fits: true,
    never: [],
    ...more,
  };
}

describe("recipe run", () => {
  test("sends the text of a file, what was typed and where; prints the id", async () => {
    write("r.toml", "[steps.a]\n");
    write("more.toml", "epochs = 7\n");
    const daemon = await rig.daemon({ "recipe.run": () => accepted });
    const ran = await rig.run(
      [
        ...["recipe", "run", "r.toml", "epochs=1,2", "~lr", "--config", "more.toml"],
        ...["--max-trials", "9", "--name", "n", "--priority", "-1", "--needs", "last"],
        ...["--after", "x", "--fail-fast", "--pin", "--dedupe-key", "d", "--notify", "none"],
      ],
      { BLUT_ARG_MODEL: "gbt" },
    );
    expect(ran).toMatchObject({
      code: 0,
      stdout: "run_01j9x2c3d4e5\n",
      stderr: "3 points, 5 steps\n",
    });
    expect(daemon.paramsOf("recipe.run")).toMatchObject([
      {
        recipe: { file: join(rig.directory, "r.toml"), text: "[steps.a]\n" },
        overrides: ["epochs=1,2", "~lr"],
        config: { file: join(rig.directory, "more.toml"), text: "epochs = 7\n" },
        cwd: rig.directory,
        env: { BLUT_ARG_MODEL: "gbt" },
        ...{ maxTrials: 9, name: "n", priority: -1, needs: ["last"], after: ["x"] },
        ...{ failFast: true, pinned: true, dedupeKey: "d", notify: [] },
      },
    ]);
  });

  test("leaves names to the daemon, and cookbooks where they lie", async () => {
    const daemon = await rig.daemon({ "recipe.run": () => accepted });
    await rig.run(["recipe", "run", "digits"]);
    await rig.run(["recipe", "run", "./book.ts"]);
    expect(daemon.paramsOf("recipe.run")).toMatchObject([
      { recipe: { name: "digits" }, overrides: [] },
      { recipe: { file: join(rig.directory, "book.ts") } },
    ]);
  });

  test("a file that is not there is told before anything is asked", async () => {
    const { code, stderr } = await rig.run(["recipe", "run", "gone.toml"]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      "error: gone.toml cannot be read: ENOENT: no such file or directory\n",
    );
  });

  test("shows every problem behind a refusal, with nothing that acts on a terminal", async () => {
    write("r.toml", "");
    const problems = [
      { field: "steps.a", message: "first", line: 1, column: 2 },
      { field: "steps.b", message: "\u001b[2J second", line: 3, column: 4 },
      { field: "", message: "third" },
    ];
    const message = "/w/r.toml:1:2: steps.a: first, and 2 more";
    await rig.daemon({
      "recipe.run": () =>
        failure("invalid-recipe", message, "correct it", { data: { file: "/w/r.toml" }, problems }),
    });
    const { code, stderr } = await rig.run(["recipe", "run", "r.toml"]);
    expect(code).toBe(2);
    expect(stderr.split("\n")).toEqual([
      `error: ${message}`,
      "  /w/r.toml:3:4: steps.b: \\x1b[2J second",
      "  /w/r.toml: third",
      "remedy: correct it",
      "",
    ]);
  });
});

describe("recipe check", () => {
  test("prints FILE:LINE:COL: message and exits 2", async () => {
    mkdirSync(join(rig.directory, "sub"));
    write("sub/r.toml", "x");
    const problems = [
      { field: "steps.a.needs[0]", message: "there is no step b", line: 3, column: 10 },
      { field: "", message: "has no step" },
    ];
    await rig.daemon({ "recipe.check": () => ({ file: "/w/r.toml", problems }) });
    expect(await rig.run(["recipe", "check", "sub/r.toml"])).toEqual({
      code: 2,
      stdout: "sub/r.toml:3:10: steps.a.needs[0]: there is no step b\nsub/r.toml: has no step\n",
      stderr: "",
    });
  });

  test("says so when nothing is wrong", async () => {
    await rig.daemon({ "recipe.check": () => ({ file: "/w/r.toml", name: "r", problems: [] }) });
    const { code, stdout, stderr } = await rig.run(["recipe", "check", "r"]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: "",
      stderr: "/w/r.toml: nothing is wrong\n",
    });
  });
});

describe("plan", () => {
  const sweep = { name: "digits", file: "/w/digits.toml", points: 9, fingerprint: "a".repeat(64) };

  test("draws the steps with what is there, what they take and whether it fits", async () => {
    const hit = { kind: "hit", key: "k", artifact: "a", runId: "run_01j9x2c3d4e5" } as const;
    const steps = [
      aPlannedStep("prepare", { cache: hit, output: "table" }),
      aPlannedStep("train-1", {
        needs: ["prepare"],
        output: "model",
        cache: { kind: "miss", key: "k", changed: ["args.epochs", "code"] },
      }),
      aPlannedStep("train-2", { needs: ["prepare"], output: "model" }),
      aPlannedStep("evaluate", {
        needs: ["train-1", "train-2"],
        cache: { kind: "unknown", after: ["train-1", "train-2", "train-3"] },
        footprint: { neededBytes: 9 * gib, ceilingBytes: 4 * gib, sentence: "it needs 9 GiB" },
      }),
    ];
    const never = [{ step: "evaluate", sentence: "it needs 9 GiB" }];
    await rig.daemon({ "recipe.plan": () => aPlanAnswer(steps, { fits: false, never }) });
    const { stdout } = await rig.run(["plan", "digits"]);
    expect(stdout.split("\n")).toEqual([
      "STEP          LEAVES  CACHE                               MEMORY",
      "○   prepare   table   hit, from run_01j9x2c3d4e5          200M declared",
      "├─● train-1   model   miss: other args.epochs, code       200M declared",
      "● │ train-2   model   miss: never done                    200M declared",
      "●─╯ evaluate          unknown before train-1, train-2 +1  never fits",
      "",
      "cache   1 there already, 2 to be done",
      "memory  at most 1 GiB of 4 GiB at a time, in 4 steps; 6 GiB if the budget had it",
      "fits    no: evaluate: it needs 9 GiB",
      "",
    ]);
  });

  test("draws the many points of a sweep as one line, and fits 80 columns", async () => {
    const points = Array.from({ length: 9 }, (_, i) =>
      aPlannedStep(`train-with-a-long-name-${i + 1}`, {
        needs: ["prepare"],
        cache: { kind: "miss", key: "k", changed: i < 4 ? ["args.epochs"] : [] },
      }),
    );
    const steps = [
      aPlannedStep("prepare"),
      ...points,
      aPlannedStep("evaluate", { needs: points.map(({ name }) => name) }),
    ];
    await rig.daemon({ "recipe.plan": () => aPlanAnswer(steps, { recipe: sweep }) });
    const { stdout } = await rig.run(["plan", "digits"]);
    const lines = stdout.split("\n");
    expect(lines[2]).toMatch(
      /^● train-with-a-long-name-1 to .* 4 miss: other args\.epochs, .*declared$/,
    );
    expect(lines[3]).toMatch(/^● evaluate/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("of a width that cannot be drawn names what each step needs", async () => {
    const wide = Array.from({ length: 20 }, (_, i) => aPlannedStep(`s${i}`));
    const last = aPlannedStep("last", { needs: wide.map(({ name }) => name) });
    await rig.daemon({ "recipe.plan": () => aPlanAnswer([...wide, last]) });
    const { stdout } = await rig.run(["plan", "digits"]);
    expect(stdout).toMatch(/^last +s0, s1 \+18 /m);
  });

  test("says of a map whose list is there that its elements are looked up by themselves", async () => {
    const cache = { kind: "unknown" as const, after: [] };
    const counts = { hit: 0, miss: 0, unknown: 1, never: 0 };
    const answer = aPlanAnswer([aPlannedStep("each", { cache })], { cache: counts });
    await rig.daemon({ "recipe.plan": () => answer });
    const { stdout } = await rig.run(["plan", "digits"]);
    expect(stdout).toMatch(/○ each +each element by itself +200M declared/);
    expect(stdout).toContain("1 known only when their turn comes");
  });

  test("inspect takes a run, or a plan in a file", async () => {
    write("p.json", '{"steps":[{"name":"a","argv":["true"],"cwd":"/"}]}');
    const daemon = await rig.daemon({ "plan.inspect": () => aPlanAnswer([aPlannedStep("a")]) });
    await rig.run(["plan", "inspect", "last"]);
    await rig.run(["plan", "inspect", "p.json"]);
    expect(daemon.paramsOf("plan.inspect")).toMatchObject([
      { run: "last" },
      { plan: { steps: [{ name: "a" }] } },
    ]);
  });

  test("resume is retry", async () => {
    const runs = [{ from: "run_1", id: "run_2" }];
    const daemon = await rig.daemon({ "run.retry": () => ({ runs }) });
    expect((await rig.run(["plan", "resume", "last"])).code).toBe(0);
    expect(daemon.paramsOf("run.retry")).toMatchObject([{ runs: ["last"] }]);
  });
});

describe("completion of recipes", () => {
  const toy = {
    name: "toy",
    kind: "recipe" as const,
    file: "/w/toy.toml",
    help: "a toy",
    args: [
      { name: "epochs", type: "int" as const, help: "passes" },
      { name: "model", type: "string" as const, choices: ["gbt", "mlp"] },
    ],
    problems: [],
  };

  test.each([
    [["recipe", "run", "t"], "toy\ta toy\n:files\n"],
    [["plan", "t"], "toy\ta toy\n:files\n"],
    [["plan", "in"], "inspect\tthe same of a run's plan, or of one in a file\n:files\n"],
    [["recipe", "run", "toy", "e"], "epochs=\tpasses\n:nothing\n"],
    [["plan", "toy", "epochs=1", "model="], "model=gbt\t\nmodel=mlp\t\n:nothing\n"],
  ])("%j", async (words, offered) => {
    await rig.daemon({
      "recipe.list": () => ({ recipes: [toy] }),
      "recipe.get": () => ({ ...toy, steps: [] }),
    });
    expect((await rig.run(["__complete", ...words])).stdout).toBe(offered);
  });
});
