/*
 * Plans of 10,000 steps: what a run costs of which every result is there already, from the submit to its
 * recorded end, and what validating and storing one with 50,000 edges costs.
 */
import { join } from "node:path";
import type { Connection } from "../../../client/connection.ts";
import type { Plan } from "../../../daemon/domain/plan.ts";
import { aPlan } from "../../support/plans.ts";
import { BenchDaemon, call, untilEnded } from "../support/bench-daemon.ts";
import { chain, fan, fillCache } from "../support/cached-plan.ts";
import { report, say } from "../support/figure.ts";
import { residentBytes } from "../support/process-facts.ts";
import { median } from "../support/samples.ts";

const steps = 10_000;
const edges = 50_000;
const rounds = 3;
const mib = 1024 ** 2;

const plans = { chain: chain(steps), fan: fan(steps) };
await using daemon = new BenchDaemon();
say("filling the cache");
await daemon.prepare((store) =>
  fillCache(store, join(daemon.directory, "state/artifacts"), Object.values(plans)),
);
await daemon.start();
const connection = await daemon.connect();

/** Milliseconds from the submit to the recorded end, a step. */
async function cached(plan: Plan): Promise<number> {
  const startedAt = performance.now();
  const { id } = await submitPlan(connection, plan);
  await untilEnded(connection, [id]);
  const tookMs = performance.now() - startedAt;
  const { state, attempts } = await call(connection, "run.get", { run: id, stepsLimit: 0 });
  if (state !== "succeeded" || attempts > 0) throw new Error(`${state} with ${attempts} attempts`);
  return tookMs / steps;
}

const chained: number[] = [];
const fanned: number[] = [];
for (let round = 0; round < rounds; round++) {
  chained.push(await cached(plans.chain));
  fanned.push(await cached(plans.fan));
  say(`chain ${chained.at(-1)?.toFixed(3)} ms, fan ${fanned.at(-1)?.toFixed(3)} ms a step`);
}

// Held, so that what is measured is the way in alone.
await call(connection, "daemon.pause", { reason: "a figure is measured" });
const stored: number[] = [];
for (let round = 0; round < rounds + 2; round++) {
  const plan = woven(round);
  const startedAt = performance.now();
  await submitPlan(connection, plan);
  stored.push(performance.now() - startedAt);
  say(`stored in ${stored.at(-1)?.toFixed(0)} ms`);
}

report(
  {
    what: `a chain of ${steps} cached steps, a step`,
    unit: "ms",
    value: median(chained),
    target: { of: "value", is: "at most", bound: 1 },
  },
  {
    what: `a fan of ${steps} cached steps, a step`,
    unit: "ms",
    value: median(fanned),
    target: { of: "value", is: "at most", bound: 1 },
  },
  {
    what: `validate and store ${steps} steps and ${edges} edges`,
    unit: "ms",
    value: median(stored),
    target: { of: "value", is: "at most", bound: 500 },
  },
  {
    what: "most memory of the daemon in all that",
    unit: "MiB",
    value: residentBytes(daemon.pid, "highest") / mib,
    target: { of: "value", is: "at most", bound: 300 },
  },
);

function submitPlan(to: Connection, { steps: all }: Plan): Promise<{ id: string }> {
  // What has a default is left out, as a person or a tool would.
  const [first, ...others] = all.map(
    ({ name, stage, argv, cwd, cache, needs, inputs, output }) => ({
      ...{ name, stage, cwd, cache, needs: [...needs], inputs: { ...inputs } },
      argv: [...argv] as [string, ...string[]],
      ...(output !== undefined && { output: { kind: output.kind } }),
    }),
  );
  if (first === undefined) throw new Error("a plan has a step");
  return call(to, "run.submit", { plan: { steps: [first, ...others] } as never, env: {} });
}

/** Every step needs five of those before it, as far as there are; other commands each round. */
function woven(round: number): Plan {
  const before = [1, 2, 7, 50, 500];
  const [first = {}, ...others] = Array.from({ length: steps }, (_, i) => ({
    name: `s${i}`,
    argv: ["/bin/echo", String(round)] as [string, ...string[]],
    needs: before.flatMap((back) => (i < back ? [] : [`s${i - back}`])),
  }));
  return aPlan(first, ...others);
}
