import { expect, test } from "vitest";
import { systemdRig } from "./support/user-systemd.ts";

test("a deadline's grace is the stage's own: systemd's wall limit does not step into it", async () => {
  await using rig = await systemdRig({ env: { BLUT_GRACE: "9s" } });
  const script = `trap 'echo warned' TERM; while :; do sleep 0.1; done`;
  const id = await rig.submit(["sh", "-c", script], { timeoutMs: 500 });
  expect(await rig.finished(id)).toMatchObject({ exitCode: 121 });
  expect(await rig.output(id)).toBe("warned\n");
}, 60_000);
