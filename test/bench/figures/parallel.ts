/*
 * Two branches that fit together against the same two one after the other: the work is the processor's, so
 * with two idle CPUs the first takes half the time.
 */
import { performance } from "node:perf_hooks";
import type { Connection } from "../../../client/connection.ts";
import type { PlanSpec } from "../../../daemon/protocol/schemas/plan.ts";
import { BenchDaemon, call, untilEnded } from "../support/bench-daemon.ts";
import { report, say } from "../support/figure.ts";
import { median } from "../support/samples.ts";

const rounds = 3;
/** So many turns of a shell loop take seconds anywhere. */
const turns = 1_000_000;
const script = `i=0; while [ $i -lt ${turns} ]; do i=$((i+1)); done`;
const mib = 1024 ** 2;

await using daemon = await new BenchDaemon().startWarm();
const connection = await daemon.connect();

/** Seconds from the submit to the recorded end. */
async function took(to: Connection, isChain: boolean): Promise<number> {
  const branch = (name: string, needs: string[] = []): PlanSpec["steps"][0] => ({
    ...{ name, needs, cwd: "/", argv: ["sh", "-c", script] },
    memory: { firstBytes: 64 * mib },
    claims: { cpus: 1 },
  });
  const plan: PlanSpec = {
    steps: [branch("left"), branch("right", isChain ? ["left"] : [])],
  };
  const startedAt = performance.now();
  const { id } = await call(to, "run.submit", { plan, env: { PATH: "/usr/bin:/bin" } });
  await untilEnded(to, [id]);
  const { state } = await call(to, "run.get", { run: id });
  if (state !== "succeeded") throw new Error(`${id} ended ${state}`);
  return (performance.now() - startedAt) / 1000;
}

const together: number[] = [];
const oneByOne: number[] = [];
for (let round = 0; round < rounds; round++) {
  oneByOne.push(await took(connection, true));
  together.push(await took(connection, false));
  say(`${together.at(-1)?.toFixed(1)} s together, ${oneByOne.at(-1)?.toFixed(1)} s one by one`);
}
const speedups = oneByOne.map((seconds, round) => seconds / (together[round] ?? NaN));

report(
  {
    what: "two branches one by one, over the same two at once",
    unit: "x",
    value: median(speedups),
    target: { of: "value", is: "at least", bound: 1.8 },
  },
  {
    what: "two branches at once",
    unit: "s",
    value: median(together),
    peer: { what: "one by one", value: median(oneByOne) },
  },
);
