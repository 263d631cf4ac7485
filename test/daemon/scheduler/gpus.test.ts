import { expect, it } from "vitest";
import { QueueRig, gib } from "./queue-rig.ts";

const twoCards = (): QueueRig =>
  new QueueRig((config) => {
    const devices = [0, 1].map(() => ({ name: "A100", vramBytes: 40 * gib }));
    return { ...config, gpus: { ...config.gpus, devices } };
  });

it("an attempt is given devices, told which, and keeps them on record until its end", async () => {
  const rig = twoCards();
  const starting = rig.told("attempt.started");
  const id = await rig.submit({ gpus: 1, vramBytes: 10 * gib, env: { CUDA_VISIBLE_DEVICES: "7" } });
  await starting;
  const attempt = await rig.launcher.next();
  expect(attempt.spec.environment).toMatchObject({ CUDA_VISIBLE_DEVICES: "0" });
  expect(rig.store.reservations.devicesOf(attempt.attemptId)).toEqual([0]);
  const ended = rig.told("run.succeeded", id);
  attempt.exit(0);
  await ended;
  expect(rig.store.reservations.devicesOf(attempt.attemptId)).toEqual([]);
});

it("what asks for memory of a device asks for one device", async () => {
  const rig = twoCards();
  const id = await rig.submit({ vramBytes: gib });
  expect(rig.store.runs.plan(id)?.steps[0].claims).toMatchObject({ gpus: 1, vramBytes: gib });
});

it("waits for a device, and starts on the one that comes free", async () => {
  const rig = twoCards();
  await rig.submit({ gpus: 1 });
  await rig.submit({ gpus: 1 });
  const [first, second] = [await rig.launcher.next(), await rig.launcher.next()];
  const last = await rig.submit({ gpus: 1 });
  expect(rig.scheduler.waitOf(last, "main")?.reason).toBe("gpus");
  second.exit(0);
  const third = await rig.launcher.next();
  const [of1, of2, of3] = [first, second, third].map(
    ({ spec }) => spec.environment["CUDA_VISIBLE_DEVICES"],
  );
  expect([of1, of2].sort()).toEqual(["0", "1"]);
  expect(of3).toBe(of2);
});

it.each([
  [{ gpus: 3 }, "it claims 3 whole GPUs, and there are 2 in all"],
  [
    { vramBytes: 35 * gib },
    "it claims 35 GiB of 1 GPU, and 0 can give so much; the largest gives 34 GiB",
  ],
])("refuses what no end of other work makes room for: %j", async (claimed, message) => {
  const refused = await twoCards().tryToSubmit(claimed);
  expect(refused).toMatchObject({ ok: false, error: { reason: "never-fits", message } });
});
