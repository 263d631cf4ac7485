import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Rig } from "../support/rig.ts";
import { sweep, systemdRig } from "./support/user-systemd.ts";

const hour = 3_600_000;
let rig: Rig;
let steppedMs = 0;
beforeEach(async () => {
  rig = await systemdRig({ env: { BLUT_BACKOFF_FIRST: "1s" } });
});
afterEach(async () => {
  if (steppedMs !== 0) step(-steppedMs);
  await rig[Symbol.asyncDispose]();
  await sweep();
});

/** Steps the machine's wall clock; needs root, which the guest's user has. */
function step(byMs: number): void {
  steppedMs += byMs;
  const to = ((Date.now() + byMs) / 1000).toFixed(3);
  execFileSync("sudo", ["-n", "date", "-s", `@${to}`], { stdio: "ignore" });
}

describe("fault 31: the wall clock steps", () => {
  test.each([
    ["three days ahead", 72 * hour],
    ["two hours back", -2 * hour],
  ])(
    "fault 31: %s: no deadline fires early or late, what runs ends well, ids still sort",
    async (_, byMs) => {
      const long = await rig.hold("long", { timeoutMs: hour });
      const short = await rig.stage("ignore-sigterm", [], { timeoutMs: 3_000 });
      await rig.says(long, "holding");
      await rig.says(short, "deaf");
      step(byMs);
      expect(await rig.finished(short)).toMatchObject({ state: "failed", exitCode: 121 });
      const later = await rig.submit(["true"]);
      expect(await rig.finished(later)).toMatchObject({ state: "succeeded" });
      expect(later > short && short > long).toBe(true);
      rig.release("long");
      expect(await rig.finished(long)).toMatchObject({ state: "succeeded", attempts: 1 });
    },
  );

  test("fault 31: ahead, with the daemon restarted: an adopted run keeps its hour", async () => {
    const long = await rig.hold("long", { timeoutMs: hour });
    await rig.says(long, "holding");
    step(72 * hour);
    await rig.crash();
    const next = await rig.submit(["true"]);
    await rig.finished(next);
    expect(await rig.call("run.get", { run: long })).toMatchObject({ state: "running" });
    rig.release("long");
    expect(await rig.finished(long)).toMatchObject({ state: "succeeded", attempts: 1 });
    expect(rig.events.filter(({ kind }) => kind === "attempt.stopping")).toStrictEqual([]);
  });

  test("fault 31: back, with a restart: an adopted run's three seconds are not two hours", async () => {
    const short = await rig.stage("ignore-sigterm", [], { timeoutMs: 3_000 });
    await rig.says(short, "deaf");
    step(-2 * hour);
    await rig.crash();
    expect(await rig.finished(short)).toMatchObject({ state: "failed", exitCode: 121 });
  });

  test("fault 31: back, while a run backs off: it waits for its second, not for hours", async () => {
    const id = await rig.stage("exit-code", [3], { retries: 1 });
    await rig.event("run.requeued", id);
    step(-2 * hour);
    expect(await rig.finished(id)).toMatchObject({ state: "failed", exitCode: 3, attempts: 2 });
  });
});
