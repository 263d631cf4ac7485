import { existsSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { Rig, type RigOptions } from "../support/rig.ts";

const systemd = {
  containment: "systemd",
  flags: ["--default-memory", "64M"],
  env: { BLUT_BACKOFF_FIRST: "1s", BLUT_BACKOFF_FACTOR: "1" },
} as const satisfies RigOptions;

test("fault 30: what ended in time while the daemon stood still was in time", async () => {
  await using rig = await Rig.start(systemd);
  const asks = [{ timeoutMs: 2000 }, { softTimeoutMs: 2000 }];
  const ids = await Promise.all(
    asks.map((ask) => rig.submit(["sh", "-c", "sleep 0.5; exit 5"], ask)),
  );
  const late = await rig.submit(["sleep", "1000"], { timeoutMs: 1500 });
  for (const id of [...ids, late]) await rig.event("attempt.started", id);
  process.kill(rig.pid, "SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, 3500));
  process.kill(rig.pid, "SIGCONT");
  for (const id of ids) {
    expect(await rig.finished(id)).toMatchObject({ exitCode: 5, attempts: 1 });
  }
  expect(await rig.finished(late)).toMatchObject({ exitCode: 121 });
});

describe("fault 31: the wall clock jumps while runs run", () => {
  const library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
  beforeAll(() => {
    if (!existsSync(library)) {
      throw new Error(`${library} is missing: apt-get install libfaketime, or use the guest`);
    }
  });

  /** A daemon whose wall clock the test moves; its monotonic one stays the machine's. */
  async function rigWithClock(): Promise<{ rig: Rig; jump: (seconds: number) => void }> {
    const rig = Rig.prepare(systemd);
    const stamp = path.join(rig.directory, "clock");
    const jump = (seconds: number): void => {
      const offset = `${seconds < 0 ? "" : "+"}${String(seconds)}`;
      writeFileSync(`${stamp}.new`, `${offset}\n`);
      renameSync(`${stamp}.new`, stamp);
    };
    jump(0);
    const faked = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: stamp,
      FAKETIME_NO_CACHE: "1",
      DONT_FAKE_MONOTONIC: "1",
    };
    await rig.boot({ env: { ...systemd.env, ...faked } });
    return { rig, jump };
  }

  test.each([
    ["two hours back", -7200],
    ["three days on", 259_200],
  ])("%s: deadlines, backoffs and ids go by time that passed", async (_what, seconds) => {
    const { rig: started, jump } = await rigWithClock();
    await using rig = started;
    const before = await rig.hold("before", { timeoutMs: 60_000 });
    const timedOut = await rig.submit(["sleep", "1000"], { timeoutMs: 2000 });
    const backsOff = await rig.stage("exit-code", [3], { retries: 1 });
    await rig.says(before, "holding");
    await rig.event("run.requeued", backsOff);
    jump(seconds);
    const after = await rig.stage("exit-code", [0]);
    expect(after > before, "ids sort by creation").toBe(true);
    expect(await rig.finished(after)).toMatchObject({ state: "succeeded" });
    expect(await rig.finished(backsOff)).toMatchObject({ state: "failed", attempts: 2 });
    expect(await rig.finished(timedOut)).toMatchObject({ state: "failed", exitCode: 121 });
    expect(await rig.call("run.get", { run: before })).toMatchObject({ state: "running" });
    rig.release("before");
    const ended = await rig.finished(before);
    expect(ended).toMatchObject({ state: "succeeded", attempts: 1 });
    expect(ended.endedAt).toBeGreaterThanOrEqual(ended.startedAt ?? Infinity);
    expect((await rig.call("run.list", {})).runs[0]?.id).toBe(after);
    const at = (await rig.call("daemon.status", {})).recent.map(({ endedAt }) => endedAt ?? 0);
    expect(at.every((each) => Math.abs(each - Date.now()) < 4 * 86_400_000)).toBe(true);
  });
});
