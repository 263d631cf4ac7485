import { setImmediate } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { QueueRig } from "../scheduler/queue-rig.ts";

/** A queue, and the promise of the first attempt that it runs. */
function watched(): { readonly rig: QueueRig; readonly ran: () => Promise<void> } {
  const rig = new QueueRig();
  const run = vi.spyOn(rig.executor, "run");
  return { rig, ran: () => run.mock.results[0]?.value as Promise<void> };
}

it.each(["attempt.starting", "attempt.started"])(
  "a daemon that stops at %s leaves the rest to the next one",
  async (kind) => {
    const { rig, ran } = watched();
    // Listeners are told within the commit: what the executor does with its answer comes after the stop.
    rig.events.onAppend((event) => {
      if (event.kind === kind) rig.stop();
    });
    const stopped = rig.told(kind);
    await rig.submit();
    await stopped;
    rig.launcher.endAll();
    await expect(ran()).resolves.toBeUndefined();
  },
);

it("a daemon that stops while the launcher is at work leaves the rest to the next one", async () => {
  const { rig, ran } = watched();
  const gate = Promise.withResolvers<undefined>();
  rig.launcher.starting = gate.promise.then(() => undefined);
  await rig.submit();
  await rig.launcher.next();
  rig.stop();
  gate.resolve(undefined);
  rig.launcher.endAll();
  await expect(ran()).resolves.toBeUndefined();
});

it("what is being started when the daemon stops has begun before it ends", async () => {
  const { rig } = watched();
  const gate = Promise.withResolvers<undefined>();
  rig.launcher.starting = gate.promise.then(() => undefined);
  const run = await rig.submit();
  const started = rig.told("attempt.started", run);
  await rig.launcher.next();
  let hasStopped = false;
  const stopped = rig.stopStarting().then(() => (hasStopped = true));
  await setImmediate();
  expect(hasStopped).toBe(false);
  gate.resolve(undefined);
  await Promise.all([stopped, started]);
  rig.launcher.endAll();
});
