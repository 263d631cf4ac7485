import { chmodSync, globSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import type { MethodResult } from "../../daemon/protocol/methods.ts";
import type { PlanSpec } from "../../daemon/protocol/schemas/plan.ts";
import { Rig } from "../support/rig.ts";
import { polling } from "./ledger.ts";

const env = { PATH: "/usr/bin:/bin" };

function plan(rig: Rig, publish?: string): PlanSpec {
  return {
    steps: [
      {
        name: "make",
        cwd: rig.directory,
        cache: "use",
        argv: ["sh", "-c", 'echo x > "$BLUT_OUT/x"'],
        memory: { firstBytes: 32 * 1024 ** 2 },
        output: { kind: "text", ...(publish !== undefined && { publish }) },
      },
    ],
  };
}

async function ended(rig: Rig, spec: PlanSpec): Promise<MethodResult<"run.get">> {
  const { id } = await rig.call("run.submit", { plan: spec, env });
  const { runs } = await rig.call("run.wait", { runs: [id], waitMs: 15_000 });
  expect(runs[0]?.state).not.toBe("running");
  return rig.call("run.get", { run: id });
}

/** Does this to every manifest of the store. */
function damage(rig: Rig, how: (manifest: string) => void): void {
  const manifests = globSync(`${rig.stateDir}/artifacts/kept/*/*/manifest.json`);
  expect(manifests).not.toHaveLength(0);
  for (const manifest of manifests) {
    chmodSync(path.dirname(manifest), 0o700);
    chmodSync(manifest, 0o600);
    how(manifest);
  }
}

test("an artifact whose manifest is gone is made again", async () => {
  await using rig = await Rig.start(polling);
  expect(await ended(rig, plan(rig))).toMatchObject({ state: "succeeded" });
  damage(rig, (manifest) => {
    rmSync(manifest);
  });
  expect(await ended(rig, plan(rig))).toMatchObject({ state: "succeeded" });
  expect(await ended(rig, plan(rig))).toMatchObject({ state: "succeeded" });
  expect(await rig.call("cache.verify", {})).toMatchObject({ rotten: [] });
});

test("an artifact whose manifest was damaged ends the run that publishes it, and nothing else", async () => {
  await using rig = await Rig.start(polling);
  expect(await ended(rig, plan(rig))).toMatchObject({ state: "succeeded" });
  damage(rig, (manifest) => {
    writeFileSync(manifest, '{"version":1,"content"');
  });
  const { pid } = rig;
  const run = await ended(rig, plan(rig, path.join(rig.directory, "published")));
  expect(run).toMatchObject({ state: "failed" });
  expect(run.sentence).toMatch(/damaged/);
  expect(await rig.call("daemon.status", {})).toBeDefined();
  expect(rig.pid).toBe(pid);
});
