import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { Rig } from "../support/rig.ts";
import { polling } from "./ledger.ts";

/** Says `warned` at the first SIGTERM and goes on; calls the second one a success. */
const script = `n=0; trap 'n=$((n+1)); [ $n = 1 ] && echo warned || exit 0' TERM
while :; do sleep 0.05; done`;

describe("what was warned by its soft timeout and went on", () => {
  test("is cancelled when a person cancels it, whatever it calls that", async () => {
    await using rig = await Rig.start(polling);
    const id = await rig.submit(["sh", "-c", script], { softTimeoutMs: 200 });
    await rig.says(id, "warned");
    await rig.call("run.cancel", { runs: [id] });
    expect(await rig.finished(id)).toMatchObject({ state: "cancelled", exitCode: 122 });
  });

  test("has timed out when its hard timeout stops it", async () => {
    await using rig = await Rig.start(polling);
    const ask = { softTimeoutMs: 200, timeoutMs: 700 };
    const id = await rig.submit(["sh", "-c", script], ask);
    const run = await rig.finished(id);
    expect(run).toMatchObject({ state: "failed", exitCode: 121 });
    expect(run.history[0]?.outcome).toStrictEqual({ cause: "timed-out", which: "hard" });
  });

  test("is still being cancelled after the daemon was killed on the way", async () => {
    const flags = ["--default-memory", "32M", "--grace", "2s"];
    await using rig = await Rig.start({ ...polling, flags });
    const deaf = `trap 'echo warned' TERM; while :; do sleep 0.05; done`;
    const id = await rig.submit(["sh", "-c", deaf], { softTimeoutMs: 200 });
    await rig.says(id, "warned");
    await rig.call("run.cancel", { runs: [id] });
    await rig.says(id, "warned\nwarned");
    await rig.crash();
    expect(await rig.finished(id)).toMatchObject({ state: "cancelled", exitCode: 122 });
  });

  test("is not warned again by every daemon that takes it over", async () => {
    await using rig = await Rig.start(polling);
    const patient = `trap 'echo warned' TERM; until [ -e "$0" ]; do sleep 0.05; done; exit 0`;
    const go = path.join(rig.directory, "go");
    const id = await rig.submit(["sh", "-c", patient, go], { softTimeoutMs: 200 });
    await rig.says(id, "warned");
    for (let n = 0; n < 3; n++) await rig.crash();
    writeFileSync(go, "");
    expect(await rig.finished(id)).toMatchObject({ state: "succeeded" });
    expect(await rig.output(id)).toBe("warned\n");
  });
});
