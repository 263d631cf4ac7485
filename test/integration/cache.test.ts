import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import type { MethodResult } from "../../daemon/protocol/methods.ts";
import type { PlanSpec } from "../../daemon/protocol/schemas/plan.ts";
import { Rig } from "../support/rig.ts";
import { polling } from "./ledger.ts";

const env = { PATH: "/usr/bin:/bin" };

/** One step makes data, the next one holds on to it until a file is there, then reads it. */
function plan(rig: Rig): PlanSpec {
  const step = (name: string, script: string) => ({
    name,
    cwd: rig.directory,
    cache: "use" as const,
    argv: ["sh", "-c", `echo ${name} >> ledger; ${script}`] as [string, ...string[]],
    memory: { firstBytes: 32 * 1024 ** 2 },
    output: { kind: "text" },
  });
  const data = { kind: "text", from: { step: "make" } };
  const read = step(
    "read",
    'while [ ! -e go ]; do sleep 0.05; done; tr a-z A-Z < "$0/data" > "$BLUT_OUT/copy"',
  );
  return {
    steps: [
      step("make", 'echo precious > "$BLUT_OUT/data"'),
      { ...read, argv: [...read.argv, [{ input: "data" }]], inputs: { data } },
    ],
  };
}

const ledger = (rig: Rig): string => readFileSync(path.join(rig.directory, "ledger"), "utf8");

async function submit(rig: Rig): Promise<string> {
  return (await rig.call("run.submit", { plan: plan(rig), env })).id;
}

async function ended(rig: Rig, id: string): Promise<MethodResult<"run.get">> {
  await rig.call("run.wait", { runs: [id] });
  const run = await rig.call("run.get", { run: id });
  expect(run.state, run.sentence).toBe("succeeded");
  return run;
}

/** Where the artifact of a step lies. */
async function artifactOf(rig: Rig, run: MethodResult<"run.get">, name: string): Promise<string> {
  const artifact = run.steps.find((step) => step.name === name)?.artifact ?? "";
  return (await rig.call("artifact.get", { artifact })).path;
}

test("what a run works on survives every pruning; afterwards the work is done again", async () => {
  await using rig = await Rig.start(polling);
  const id = await submit(rig);
  await rig.event("step.succeeded", id);
  const pruned = await rig.call("cache.prune", { maxBytes: 0 });
  expect(pruned).toMatchObject({ removed: 0, needed: 1 });
  writeFileSync(path.join(rig.directory, "go"), "");
  const first = await ended(rig, id);
  expect(readFileSync(path.join(await artifactOf(rig, first, "read"), "copy"), "utf8")).toBe(
    "PRECIOUS\n",
  );
  // The second time both are there already, the third time they were pruned.
  await ended(rig, await submit(rig));
  expect(ledger(rig)).toBe("make\nread\n");
  expect(await rig.call("cache.stats", {})).toMatchObject({ artifacts: 2, entries: 2, hits: 2 });
  expect(await rig.call("cache.prune", { maxBytes: 0 })).toMatchObject({ removed: 2, needed: 0 });
  expect(existsSync(path.join(rig.stateDir, "artifacts/kept"))).toBe(true);
  await ended(rig, await submit(rig));
  expect(ledger(rig)).toBe("make\nread\nmake\nread\n");
});

test("a bit that flipped is found, also by a new daemon, and its step alone is run again", async () => {
  await using rig = await Rig.start(polling);
  writeFileSync(path.join(rig.directory, "go"), "");
  const first = await ended(rig, await submit(rig));
  const data = path.join(await artifactOf(rig, first, "make"), "data");
  chmodSync(data, 0o644);
  writeFileSync(data, "precioux\n");
  await rig.crash();
  const { rotten } = await rig.call("cache.verify", {});
  const digest = first.steps.find(({ name }) => name === "make")?.artifact;
  expect(rotten).toMatchObject([{ digest, why: "data changed" }]);
  const second = await ended(rig, await submit(rig));
  expect(ledger(rig)).toBe("make\nread\nmake\n");
  expect(second.steps.map(({ artifact }) => artifact)).toEqual(
    first.steps.map(({ artifact }) => artifact),
  );
  expect((await rig.call("cache.verify", {})).rotten).toEqual([]);
});
