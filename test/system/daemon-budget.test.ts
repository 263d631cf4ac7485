import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { cgroupOf, mib, systemdOptions, systemdRig } from "./support/user-systemd.ts";

test("a smaller budget kills nothing that runs, starts nothing beside it, and is in force after it", async () => {
  await using rig = await systemdRig();
  const sliceBytes = async (): Promise<number> =>
    Number(readFileSync(path.join(await cgroupOf("blut.slice"), "memory.max"), "utf8"));
  const go = path.join(rig.directory, "go");
  const memory = { firstBytes: 400 * mib };
  const id = await rig.stage("grow-memory", [300, go], { memory });
  await rig.says(id, "grown");
  const flags = ["--budget", "200M", "--reserve", "64M", "--default-memory", "64M"];
  await rig.crash({ ...systemdOptions(), flags });
  const next = await rig.stage("exit-code", [0]);
  expect(await rig.call("run.get", { run: id })).toMatchObject({ state: "running", attempts: 1 });
  const { wait } = await rig.call("run.explain", { run: next });
  expect(wait).toMatchObject({ reason: "memory-budget" });
  expect(await sliceBytes()).toBeGreaterThan(400 * mib);
  writeFileSync(go, "");
  expect(await rig.finished(id)).toMatchObject({ state: "succeeded", attempts: 1 });
  expect(await rig.finished(next)).toMatchObject({ state: "succeeded" });
  await expect.poll(sliceBytes).toBeLessThan(220 * mib);
});
