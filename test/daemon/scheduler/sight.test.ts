import { expect, test } from "vitest";
import { QueueRig } from "./queue-rig.ts";

test("a long line for one pool does not hide what stands behind it and could run", async () => {
  const rig = new QueueRig((config) => ({ ...config, pools: { gpu: 1 } }));
  const pools = { gpu: 1 };
  const line = await Promise.all(Array.from({ length: 400 }, () => rig.submit({ pools })));
  const first = await rig.launcher.next();
  expect(rig.store.attempts.get(first.attemptId)?.runId).toBe(line[0]);
  const behind = await rig.submit();
  const next = await rig.launcher.next();
  expect(rig.store.attempts.get(next.attemptId)?.runId).toBe(behind);
}, 5_000);
