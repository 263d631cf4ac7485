import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { namedDevices, takeInventory } from "../../../../daemon/broker/gpu/devices.ts";
import { findNvidia, readNvidia } from "../../../../daemon/broker/gpu/nvidia-smi.ts";
import { gib, mib } from "../../../support/box.ts";
import { scratchDirectory } from "../../store/support/scratch.ts";

const data = (name: string): string =>
  readFileSync(join(import.meta.dirname, "../../../data/nvidia-smi", name), "utf8");
const policy = { share: 0.85, unifiedShare: 0.6 };

/** A program in the place of nvidia-smi. */
function standIn(script: string): string {
  const file = join(scratchDirectory(), "nvidia-smi");
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

describe("what nvidia-smi says", () => {
  it("is a line for each card", () => {
    expect(readNvidia(data("two-cards.csv"))).toEqual({
      ok: true,
      value: [
        { index: 0, name: "NVIDIA GeForce RTX 3090", vramBytes: 24 * gib, driver: "550.54" },
        { index: 1, name: "NVIDIA GeForce RTX 4090", vramBytes: 24_564 * mib, driver: "550.54" },
      ],
    });
  });

  it("is no size for a card that uses the box's memory", () => {
    const value = [{ index: 0, name: "NVIDIA GB10", driver: "580.126.09" }];
    expect(readNvidia(data("unified.csv"))).toEqual({ ok: true, value });
  });

  it.each([
    "Failed to initialize NVML: Driver/library version mismatch",
    "0, NVIDIA A100, lots, 550.54",
    "0, NVIDIA A100, -5, 550.54",
    "0, NVIDIA A100, 0, 550.54",
    "0, NVIDIA A100, 40960",
    "0, NVIDIA A100, 40960, 550.54\n0, NVIDIA A100, 40960, 550.54",
    Array.from({ length: 65 }, (_, i) => `${i}, NVIDIA A100, 40960, 550.54`).join("\n"),
  ])("is not believed where it is not understood: %j", (text) => {
    expect(readNvidia(text)).toMatchObject({ ok: false });
  });
});

describe("finding the cards", () => {
  const limits = { timeoutMs: 60_000, maxBytes: 64 * 1024 };

  it("finds none where there is no nvidia-smi", async () => {
    expect(await findNvidia("/nowhere/nvidia-smi", limits)).toEqual({ ok: true, value: [] });
  });

  it("asks the program for just what is read", async () => {
    const program = standIn(
      `[ "$*" = "--query-gpu=index,name,memory.total,driver_version --format=csv,noheader,nounits" ] &&\n` +
        `echo "0, NVIDIA A100, 40960, 550.54"`,
    );
    expect(await findNvidia(program, limits)).toMatchObject({ value: [{ name: "NVIDIA A100" }] });
  });

  it("tells what the program said when it fails", async () => {
    const program = standIn('echo "No devices were found"; exit 6');
    const error = "nvidia-smi failed (exit code 6: No devices were found)";
    expect(await findNvidia(program, limits)).toEqual({ ok: false, error });
  });

  it("does not wait for one that hangs", async () => {
    const program = standIn("exec sleep 600");
    const error = "nvidia-smi failed (it gave no answer in 50 ms)";
    expect(await findNvidia(program, { ...limits, timeoutMs: 50 })).toEqual({ ok: false, error });
  });

  it("does not read what never ends", async () => {
    const program = standIn("exec cat /dev/zero");
    expect(await findNvidia(program, limits)).toMatchObject({
      ok: false,
      error: expect.stringMatching(/MAXBUFFER/) as string,
    });
  });
});

describe("the devices of the box", () => {
  it("are given by a share of a card's memory, and by less where memory is shared", async () => {
    const found = [
      { index: 0, name: "card", vramBytes: 100 * mib, driver: "1" },
      { index: 3, name: "unified", driver: "1" },
    ];
    const find = () => Promise.resolve({ ok: true, value: found } as const);
    expect(await takeInventory(policy, 1000 * mib, find)).toEqual({
      devices: [
        { index: 0, name: "card", vramBytes: 100 * mib, budgetBytes: 85 * mib },
        { index: 3, name: "unified", vramBytes: 1000 * mib, budgetBytes: 600 * mib },
      ],
      driver: "1",
    });
  });

  it("are what the configuration says, whatever is found", async () => {
    const devices = [{ name: "a", vramBytes: 200 * mib }, { name: "b" }];
    const find = () => Promise.resolve({ ok: false, error: "no driver" } as const);
    const inventory = await takeInventory({ ...policy, devices }, 1000 * mib, find);
    expect(inventory).toEqual({
      devices: [
        { index: 0, name: "a", vramBytes: 200 * mib, budgetBytes: 170 * mib },
        { index: 1, name: "b", vramBytes: 1000 * mib, budgetBytes: 600 * mib },
      ],
    });
    expect(namedDevices({ ...policy, devices }, 1000 * mib)).toEqual(inventory.devices);
  });

  it("are none, with the reason, when the driver cannot tell", async () => {
    const find = () => Promise.resolve({ ok: false, error: "no driver" } as const);
    expect(await takeInventory(policy, gib, find)).toEqual({ devices: [], problem: "no driver" });
  });
});
