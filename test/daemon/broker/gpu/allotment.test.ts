import { describe, expect, it } from "vitest";
import { chooseStarts } from "../../../../daemon/broker/admission.ts";
import { neverFits } from "../../../../daemon/broker/gpu/sentences.ts";
import { Ledger } from "../../../../daemon/broker/ledger.ts";
import type { AttemptId } from "../../../../daemon/domain/ids.ts";
import { candidate, claims, gib, holding, mib, refusal, snapshot } from "../../../support/box.ts";

const gpus = [0, 1].map((index) => {
  return { index, name: "A100", vramBytes: 40 * gib, budgetBytes: 34 * gib };
});
const on = (devices: number[], vramBytes = 0) =>
  holding({ limitBytes: mib, gpus: devices.length, vramBytes, devices });
const wants = (number: number, count: number, vramBytes = 0) =>
  candidate(number, { limitBytes: mib, claims: claims({ cpus: 0, gpus: count, vramBytes }) });

describe("a step gets", () => {
  it.each([
    ["the first device", wants(1, 1), [], [0]],
    ["both", wants(1, 2), [], [0, 1]],
    ["an empty device for itself", wants(1, 1), [on([0], gib)], [1]],
    ["a part of the first that has it", wants(1, 1, 10 * gib), [on([0], 20 * gib)], [0]],
    [
      "a part of the next when the first has too little",
      wants(1, 1, 20 * gib),
      [on([0], 20 * gib)],
      [1],
    ],
    ["no part of a device that is held whole", wants(1, 1, gib), [on([0])], [1]],
  ])("%s", (_what, step, live, devices) => {
    const choice = chooseStarts(snapshot({ gpus, live }), [step], { maxPasses: 2 });
    expect(choice.devices.get(step)).toEqual(devices);
  });

  it("another device than those who start with it", () => {
    const queue = [wants(1, 1), wants(2, 1), wants(3, 1)];
    const { starts, devices, waits } = chooseStarts(snapshot({ gpus }), queue, { maxPasses: 2 });
    expect(starts.map((start) => devices.get(start))).toEqual([[0], [1]]);
    expect(waits.map(({ wait }) => wait.reason)).toEqual(["gpus"]);
  });

  it("devices that nobody else can have, once it was passed by often enough", () => {
    const passed = { ...wants(1, 2), passedOver: 2 };
    const live = [on([0])];
    const choice = chooseStarts(snapshot({ gpus, live }), [passed, wants(2, 1)], { maxPasses: 2 });
    expect(choice.starts).toEqual([]);
    expect(choice.waits.map(({ wait }) => wait.reason)).toEqual(["gpus", "head-of-line"]);
  });
});

describe("why it waits", () => {
  it.each([
    [
      wants(1, 1),
      [on([0]), on([1], gib)],
      "it claims 1 whole GPU; 0 of 2 can give that now",
      "the end of running work that holds a GPU",
    ],
    [
      wants(1, 2, 20 * gib),
      [on([0], 20 * gib), on([1], 20 * gib)],
      "it claims 20 GiB of each of 2 GPUs; 0 of 2 can give that now",
      "the end of running work that holds GPUs",
    ],
    [
      wants(1, 3),
      [],
      "it claims 3 whole GPUs, and there are 2 in all",
      "more in gpus.devices in blut.toml",
    ],
  ])("%#", (step, live, message, unblocks) => {
    const wait = refusal(snapshot({ gpus, live }), step);
    expect(wait).toEqual({ reason: "gpus", message, unblocks });
  });

  it.each([
    [{ gpus: 1, vramBytes: 0 }, [], "it claims 1 whole GPU, and there is none"],
    [
      { gpus: 1, vramBytes: 35 * gib },
      gpus,
      "it claims 35 GiB of 1 GPU, and 0 can give so much; the largest gives 34 GiB",
    ],
    [{ gpus: 2, vramBytes: 34 * gib }, gpus, undefined],
    [{ gpus: 0, vramBytes: 0 }, [], undefined],
  ])("for ever: %#", (claimed, devices, sentence) => {
    expect(neverFits(claimed, devices)).toBe(sentence);
  });
});

it("the ledger knows what is taken of each device until it is given back", () => {
  const ledger = new Ledger();
  const reserve = (name: string, devices: number[], vramBytes: number): void => {
    const attemptId = `att_${name}` as AttemptId;
    const gpuClaims = { gpus: devices.length, vramBytes, devices };
    ledger.reserve({ attemptId, memoryBytes: mib, ...claims(), ...gpuClaims });
  };
  reserve("a", [0], 5 * gib);
  reserve("b", [0, 1], gib);
  reserve("c", [2], 0);
  expect(ledger.deviceUse(0)).toMatchObject({ holders: 2, vramBytes: 6 * gib, isWhole: false });
  expect(ledger.deviceUse(2)).toMatchObject({ holders: 1, isWhole: true });
  for (const { attemptId } of ledger.all()) ledger.release(attemptId);
  expect([0, 1, 2].map((index) => ledger.deviceUse(index).holders)).toEqual([0, 0, 0]);
});
