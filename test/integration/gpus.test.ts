import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { Rig } from "../support/rig.ts";
import { polling } from "./ledger.ts";

describe("GPUs", () => {
  test("fault 4: an attempt keeps its devices through kill -9, and nobody else is given them", async () => {
    await using rig = await Rig.start({ ...polling, flags: ["--gpus", "24G,24G"] });
    const first = await rig.hold("first", { gpus: 1 });
    await rig.event("attempt.started", first);
    const second = await rig.hold("second", { gpus: 1, vramBytes: 1024 ** 3 });
    await rig.event("attempt.started", second);
    await rig.crash();
    const { gpus } = await rig.call("daemon.status", {});
    expect(gpus).toMatchObject([
      { index: 0, holders: 1, usedBytes: gpus[0]?.budgetBytes },
      { index: 1, holders: 1, usedBytes: 1024 ** 3 },
    ]);
    const third = await rig.submit(["sh", "-c", "echo $CUDA_VISIBLE_DEVICES"], { gpus: 1 });
    const explained = await rig.call("run.explain", { run: third });
    expect(explained.wait).toMatchObject({ reason: "gpus" });
    rig.release("first");
    await rig.finished(third);
    expect(await rig.output(third)).toBe("0\n");
    rig.release("second");
    await rig.finished(second);
  });

  test("are what nvidia-smi finds, and one that fails is told by the doctor and stops nothing", async () => {
    await using rig = Rig.prepare(polling);
    const bin = path.join(rig.directory, "bin");
    mkdirSync(bin);
    const smi = path.join(bin, "nvidia-smi");
    const env = { PATH: `${bin}:${process.env["PATH"] ?? ""}` };
    writeFileSync(smi, "#!/bin/sh\necho '0, NVIDIA A100, 40960, 550.54'\n", { mode: 0o755 });
    await rig.boot({ env });
    const { gpus } = await rig.call("daemon.status", {});
    expect(gpus).toMatchObject([{ index: 0, name: "NVIDIA A100", budgetBytes: 34 * 1024 ** 3 }]);
    const gpuFinding = async () =>
      (await rig.call("daemon.doctor", {})).findings.find(({ check }) => check === "gpus");
    expect(await gpuFinding()).toMatchObject({
      level: "ok",
      message: expect.stringMatching(/A100, 34 GiB/) as string,
    });

    await rig.end("SIGTERM");
    writeFileSync(smi, "#!/bin/sh\necho 'Driver/library version mismatch'; exit 18\n");
    await rig.boot({ env });
    expect(await gpuFinding()).toMatchObject({
      level: "warn",
      message: expect.stringMatching(/version mismatch/) as string,
    });
    const refused = await rig.refusal("run.submit", {
      ...{ argv: ["true"], cwd: "/", env: {}, gpus: 1 },
    });
    expect(refused).toMatchObject({ reason: "never-fits" });
    expect(await rig.finished(await rig.submit(["true"]))).toMatchObject({ state: "succeeded" });
  });
});
