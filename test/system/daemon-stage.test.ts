import path from "node:path";
import { expect, test } from "vitest";
import { stages } from "../support/rig.ts";
import { systemdRig } from "./support/user-systemd.ts";

test("a stage that diverged is killed however deaf it is, its memory is free, and its siblings go on", async () => {
  await using rig = await systemdRig({ env: { BLUT_DEFAULT_MEMORY: "64M" } });
  const step = (name: string, script: string) => ({
    name,
    argv: ["sh", "-c", script, stages] as [string, ...string[]],
    cwd: rig.directory,
    timeouts: { graceMs: 300 },
    onDiverged: "prune" as const,
  });
  const release = path.join(rig.directory, "release-sibling");
  const nan = `echo '{"type":"metric","name":"loss","value":NaN}' >>"$BLUT_EVENTS"`;
  const { id } = await rig.call("run.submit", {
    plan: {
      version: 1,
      steps: [
        step("diverges", `trap '' TERM; ${nan}; "$0/ignore-sigterm"`),
        { ...step("after", "true"), needs: ["diverges"] },
        step("sibling", `exec "$0/hold-until-told" ${release}`),
      ],
    },
    env: { PATH: process.env["PATH"] ?? "" },
  });
  const ended = await rig.event("attempt.ended", id);
  expect(ended.facts["outcome"]).toEqual({ cause: "diverged", metric: "loss", value: "NaN" });
  // It is given back when its slice is gone, a moment after the record.
  const reserved = async (): Promise<number> =>
    (await rig.call("daemon.status", {})).memory.reservedBytes;
  await expect.poll(reserved).toBe(64 * 1024 ** 2);
  rig.release("sibling");
  const run = await rig.finished(id);
  expect(run.state).toBe("succeeded");
  expect(run.steps.map(({ name, state }) => [name, state])).toEqual([
    ["diverges", "pruned"],
    ["after", "pruned"],
    ["sibling", "succeeded"],
  ]);
}, 60_000);
