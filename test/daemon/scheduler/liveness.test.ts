import { describe, expect, test } from "vitest";
import { gib, QueueRig } from "./queue-rig.ts";

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
