import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import type { PlanSpec } from "../../daemon/protocol/schemas/plan.ts";
import { Rig } from "../support/rig.ts";
import { polling } from "./ledger.ts";

test("the same work of two runs is done once, whatever becomes of the daemon meanwhile", async () => {
  await using rig = await Rig.start(polling);
  const script = 'echo ran >> ledger; while [ ! -e go ]; do sleep 0.05; done; echo > "$BLUT_OUT/x"';
  const lock = { pools: {}, locks: ["one"] };
  const step = (name: string): PlanSpec["steps"][number] => ({
    name,
    cwd: rig.directory,
    cache: "use",
    argv: ["sh", "-c", script, name],
    memory: { firstBytes: 32 * 1024 ** 2 },
    output: { kind: "text" },
    claims: lock,
  });
  // One of the two runs, the other one waits for the lock.
  const plan: PlanSpec = { steps: [step("a"), step("b")] };
  const env = { PATH: "/usr/bin:/bin" };
  const first = await rig.call("run.submit", { plan, env });
  await rig.event("attempt.started", first.id);
  const second = await rig.call("run.submit", { plan, env });
  await rig.crash();
  writeFileSync(path.join(rig.directory, "go"), "");
  for (const { id } of [first, second]) {
    expect(await rig.finished(id)).toMatchObject({ state: "succeeded" });
  }
  expect(readFileSync(path.join(rig.directory, "ledger"), "utf8")).toBe("ran\nran\n");
});
