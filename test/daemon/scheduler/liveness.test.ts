import { describe, expect, test } from "vitest";
import { ok } from "../../../daemon/domain/result.ts";
import { gib, mib, QueueRig } from "./queue-rig.ts";

describe("the queue goes on by itself", () => {
  test("after a run that turned out never to fit: what waited for its end starts", async () => {
    const rig = new QueueRig();
    const memory = { firstBytes: gib, ceilingBytes: gib };
    const hopeless = await rig.submit({ memory });
    const after = await rig.submit({ after: [hopeless] });
    (await rig.launcher.next()).outgrow();
    const next = await rig.launcher.next();
    expect(rig.stateOf(hopeless)).toBe("failed");
    expect(rig.store.attempts.get(next.attemptId)?.runId).toBe(after);
  });
});

describe("what is known of a key changes", () => {
  test("and a step that fits with it starts at once", async () => {
    const rig = new QueueRig();
    await rig.submit({ memory: { firstBytes: 3 * gib } });
    await rig.launcher.next();
    const known = { key: "k", successes: 1, kills: 0, rejected: 0, lastSeenAt: 1 };
    const say = (bytes: number): ReturnType<typeof rig.store.write> =>
      rig.store.write(() => {
        const pinned = { bytes, runId: "", at: 1 };
        rig.store.calibrations.put({ ...known, pinned });
        rig.events.append("calibration.changed", { facts: { key: "k" } });
        return ok(undefined);
      });
    await say(2 * gib);
    const waiting = await rig.submit({ calibrateAs: "k" });
    const other = await rig.submit({ memory: { firstBytes: 32 * mib } });
    await rig.told("attempt.started", other);
    await rig.launcher.next();
    expect(rig.stateOf(waiting)).toBe("queued");
    await say(gib / 2);
    const next = await rig.launcher.next();
    expect(rig.store.attempts.get(next.attemptId)?.runId).toBe(waiting);
  }, 5_000);
});
