/*
 * Plans of 10,000 steps at their extremes: a single chain, read, checked and stored by one `run.submit`, from
 * the first byte sent to the answer after the fsync, the daemon paused so that no step starts; and a sweep
 * of a recipe that compiles to as many. `dag` has the plan with 50,000 edges.
 */
import { compileRecipe } from "../../../daemon/planning/compile/compile-recipe.ts";
import { readRecipe } from "../../../daemon/planning/recipe/read-recipe.ts";
import { TomlRecipe } from "../../../daemon/planning/recipe/toml-recipe.ts";
import type { PlanSpec } from "../../../daemon/protocol/schemas/plan.ts";
import { BenchDaemon, call } from "../support/bench-daemon.ts";
import { report, say, type Figure } from "../support/figure.ts";
import { median, timed } from "../support/samples.ts";

const count = 10_000;
const rounds = 7;
const env = { PATH: "/usr/bin:/bin" };

await using daemon = await new BenchDaemon().start();
const connection = await daemon.connect();
await call(connection, "daemon.pause", { reason: "a figure is measured" });

/** Each step needs the one before it; no two rounds have the same plan. */
function chain(round: number): PlanSpec {
  const [first, ...others] = Array.from({ length: count }, (_, i) => ({
    name: `step-${i}`,
    argv: ["true", `${round}/${i}`] as [string, string],
    cwd: "/",
    needs: i === 0 ? [] : [`step-${i - 1}`],
  }));
  if (first === undefined) throw new Error("a plan of no steps");
  return { steps: [first, ...others] };
}

async function stored(): Promise<Figure> {
  say("a chain of 10,000 steps stored");
  const times: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const plan = chain(round);
    const ms = await timed(() => call(connection, "run.submit", { plan, env }));
    if (round >= 0) times.push(ms);
  }
  return {
    what: "validate and store a chain of 10,000 steps",
    unit: "ms",
    value: median(times),
    p99: Math.max(...times),
    target: { of: "value", is: "at most", bound: 500 },
  };
}

const sweep = `
[args]
point = { type = "int", default = 0 }
[steps.prepare]
command = ["prepare", "{out}"]
output = "table"
[steps.train]
command = ["train", "--point={args.point}", "{inputs.data}", "{out}"]
inputs = { data = "prepare" }
output = "model"
[steps.report]
command = ["report"]
inputs = { models = "train" }
gather = true
`;

async function compiled(): Promise<Figure> {
  say("a sweep of 9,998 points compiled");
  const recipe = readRecipe(sweep, "/w/sweep.toml");
  if (!recipe.ok) throw new Error(JSON.stringify(recipe.error));
  const retry = { outOfMemory: 6, failure: 0, lost: 3, timeout: 0, diverged: 0 };
  const open = new TomlRecipe(recipe.value, {
    retry,
    graceMs: 10_000,
    home: "",
    look: () => undefined,
  });
  const times: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const overrides = [`point=range(0,${count - 2})`];
    const ms = await timed(async () => {
      const plan = await compileRecipe(open, { env, overrides, cwd: "/w", maxTrials: count });
      if (!plan.ok) throw new Error(JSON.stringify(plan.error));
    });
    if (round >= 0) times.push(ms);
  }
  return { what: "compile a sweep to 10,000 steps", unit: "ms", value: median(times) };
}

report(await stored(), await compiled());
