import { expect, test } from "vitest";
import { Rig } from "../support/rig.ts";
import { polling } from "./ledger.ts";

test("arguments that this box's kernel refuses end the run as could-not-start, and are not tried for ever", async () => {
  // The kernel takes a quarter of the stack's limit for arguments: 256 KiB here, 2 MiB as a rule.
  await using rig = await Rig.start({ ...polling, wrapper: ["prlimit", `--stack=${1 << 20}`] });
  const words = Array.from({ length: 6 }, () => "x".repeat(100_000));
  const id = await rig.submit(["/bin/true", ...words]);
  const run = await rig.finished(id);
  expect(run).toMatchObject({ state: "failed", exitCode: 127, attempts: 1 });
  expect(run.history[0]?.outcome).toMatchObject({ cause: "could-not-start" });
});
