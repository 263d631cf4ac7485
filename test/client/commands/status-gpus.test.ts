import { afterEach, beforeEach, expect, test } from "vitest";
import { ClientRig } from "../../support/client-rig.ts";
import { aStatus, gib } from "../../support/wire-facts.ts";

let rig: ClientRig;
beforeEach(() => (rig = new ClientRig()));
afterEach(() => rig.close());

const gpu = { name: "NVIDIA A100", vramBytes: 40 * gib, budgetBytes: 34 * gib };

test("status has a line for each GPU: what is free, or what of it is claimed", async () => {
  const gpus = [
    { ...gpu, index: 0, usedBytes: 10 * gib, holders: 2 },
    { ...gpu, index: 1, usedBytes: 0, holders: 0 },
  ];
  await rig.daemon({ "daemon.status": () => aStatus({ gpus }) });
  const { stdout } = await rig.run(["status"]);
  expect(stdout).toMatch(/^gpu 0 +NVIDIA A100, 10 GiB of 34 GiB claimed$/m);
  expect(stdout).toMatch(/^gpu 1 +NVIDIA A100, 34 GiB free$/m);
});

test("status of a box without GPUs says nothing of them", async () => {
  await rig.daemon({ "daemon.status": () => aStatus() });
  expect((await rig.run(["status"])).stdout).not.toContain("gpu");
});
