import { expect, test } from "vitest";
import { QueueRig } from "./queue-rig.ts";

test("a cancel between the end of an attempt and the next try ends the run", async () => {
  const rig = new QueueRig();
  const released = Promise.withResolvers<undefined>();
  rig.launcher.releasing = released.promise.then(() => undefined);
  const id = await rig.submit({ retries: 3 });
  const requeued = rig.told("run.requeued", id);
  (await rig.launcher.next()).exit(1);
  await requeued;
  const cancelled = await rig.scheduler.cancel([id], { now: false });
  released.resolve(undefined);
  expect(cancelled).toMatchObject({ value: { cancelled: [id], stopping: [] } });
  expect(rig.store.runs.get(id)).toMatchObject({ state: "cancelled", exitCode: 122 });
});

test("fault 7: so does one that comes while the disk does not take that end", async () => {
  const rig = new QueueRig();
  const id = await rig.submit({ retries: 3 });
  const started = rig.told("attempt.started", id);
  const attempt = await rig.launcher.next();
  await started;
  // Somebody else's lock refuses a write as a full disk does: nothing is kept, and it may be tried again.
  using other = rig.lockDatabase();
  attempt.exit(1);
  await attempt.ended;
  const requeued = rig.told("attempt.ended", id);
  await rig.scheduler.cancel([id], { now: false });
  other[Symbol.dispose]();
  await requeued;
  expect(rig.store.runs.get(id)).toMatchObject({ state: "cancelled", exitCode: 122 });
});
