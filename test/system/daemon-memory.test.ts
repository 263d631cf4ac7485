import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scopeName } from "../../daemon/systemd/unit-name.ts";
import type { AttemptId } from "../../daemon/domain/ids.ts";
import { stages, type Rig } from "../support/rig.ts";
import * as box from "./support/user-systemd.ts";

const { mib } = box;
const markOfOomd =
  "import os,sys\nfor n in ('oomd_ooms','oomd_kill'): os.setxattr(sys.argv[1],'user.'+n,b'1')";

let rig: Rig;
beforeAll(async () => {
  rig = await box.systemdRig({ env: { BLUT_RETRY_LOST: "1" } });
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await box.sweep();
});

/** A command whose first attempt does one thing and every later one ends well at once. */
function firstTime(name: string, command: string): readonly [string, ...string[]] {
  const mark = path.join(rig.directory, name);
  return ["sh", "-c", `[ -e '${mark}' ] && exit 0; : > '${mark}'; ${command}`];
}

/** SIGKILL to everything in an attempt's scope, one by one, by nobody that systemd knows. */
async function massacre(attemptId: string | undefined): Promise<void> {
  const scope = await box.cgroupOf(scopeName(attemptId as AttemptId));
  for (const pid of box.processesIn(scope)) process.kill(pid, "SIGKILL");
}

describe("what is learnt", () => {
  test("promise 1: a kill at the own limit is answered with more, and the next run starts with what was learnt", async () => {
    const ask = { calibrateAs: "grows" };
    const first = await rig.finished(await rig.stage("grow-memory", [100], ask));
    expect(first).toMatchObject({ state: "succeeded", exitCode: 0, attempts: 2 });
    const [killed, enough] = first.history;
    expect(killed).toMatchObject({ limitBytes: 64 * mib, limitOrigin: { kind: "default" } });
    expect(killed?.outcome).toStrictEqual({ cause: "out-of-memory", limitBytes: 64 * mib });
    expect(killed?.oomKills).toBeGreaterThan(0);
    expect(enough?.limitOrigin).toMatchObject({ kind: "escalated", killedAtBytes: 64 * mib });
    expect(enough?.peakNeedBytes).toBeGreaterThan(100 * mib);
    const second = await rig.finished(await rig.stage("grow-memory", [100], ask));
    expect(second).toMatchObject({ state: "succeeded", attempts: 1 });
    expect(second.history[0]).toMatchObject({
      limitOrigin: { kind: "measured", runId: first.id, peakNeedBytes: enough?.peakNeedBytes },
    });
  });

  test("the page cache of a file larger than the limit is not", async () => {
    const file = path.join(rig.directory, "large");
    const id = await rig.stage("read-big-file", [file, 150], { calibrateAs: "reads" });
    const run = await rig.finished(id);
    expect(run).toMatchObject({ state: "succeeded", attempts: 1 });
    expect(run.history[0]).toMatchObject({ rodeLimit: false });
    expect(run.history[0]?.peakTotalBytes).toBeGreaterThan(50 * mib);
    const { cleanPeak } = await rig.call("calibration.get", { key: "reads" });
    expect(cleanPeak?.bytes).toBeLessThan(40 * mib);
  });

  test("a spike of an instant is", async () => {
    const ask = { calibrateAs: "spikes", memory: { firstBytes: 200 * mib } };
    await rig.finished(await rig.stage("spike-then-free", [120, 1.5], ask));
    const { cleanPeak } = await rig.call("calibration.get", { key: "spikes" });
    expect(cleanPeak?.bytes).toBeGreaterThan(118 * mib);
    expect(cleanPeak?.bytes).toBeLessThan(160 * mib);
  });
});

describe("fault 34: a kill that was not the attempt's own fault runs again unchanged and teaches nothing", () => {
  async function expectUnchanged(id: string, by: string): Promise<void> {
    const run = await rig.finished(id);
    expect(run).toMatchObject({ state: "succeeded", attempts: 2 });
    expect(run.history[0]?.outcome).toStrictEqual({ cause: "killed-from-outside", by });
    expect(run.history[1]?.limitBytes).toBe(run.history[0]?.limitBytes);
    const known = await rig.call("calibration.get", { key: by });
    expect(known).toMatchObject({ kills: 0, successes: 1 });
    expect(known.killedAt).toBeUndefined();
    expect(known.cleanPeak?.runId).toBe(id);
    expect(known.cleanPeak?.bytes).toBeLessThan(30 * mib);
  }

  test("fault 34: the out-of-memory killer of the budget around it", async () => {
    await box.userSystemctl("set-property", "--runtime", "blut.slice", "MemoryMax=80M");
    const grow = `exec ${stages}/grow-memory 200`;
    const ask = { calibrateAs: "box-oom", memory: { firstBytes: 256 * mib } };
    const id = await rig.submit(firstTime("box-oom", grow), ask);
    await rig.event("attempt.ended", id);
    await box.userSystemctl("set-property", "--runtime", "blut.slice", "MemoryMax=816M");
    await expectUnchanged(id, "box-oom");
  });

  test("fault 34: systemd-oomd, by its mark", async () => {
    const ask = { calibrateAs: "oomd" };
    const id = await rig.submit(firstTime("oomd", "echo up; sleep 1000"), ask);
    await rig.says(id, "up");
    const { attemptId } = await rig.event("attempt.started", id);
    const scope = await box.cgroupOf(scopeName(attemptId as AttemptId));
    execFileSync("python3", ["-c", markOfOomd, scope]);
    await massacre(attemptId);
    await expectUnchanged(id, "oomd");
  });

  test("fault 34: a stranger's SIGKILL to everything", async () => {
    const ask = { calibrateAs: "stranger" };
    const id = await rig.submit(firstTime("stranger", "echo up; sleep 1000"), ask);
    await rig.says(id, "up");
    await massacre((await rig.event("attempt.started", id)).attemptId);
    await expectUnchanged(id, "stranger");
  });

  test("fault 34: and only as often as its budget allows, then 137", async () => {
    const id = await rig.submit(["sh", "-c", "kill -9 $PPID $$"], { calibrateAs: "suicidal" });
    const run = await rig.finished(id);
    expect(run).toMatchObject({ state: "failed", exitCode: 137, attempts: 2 });
    const refused = await rig.refusal("calibration.get", { key: "suicidal" });
    expect(refused.reason).toBe("not-found");
  });
});

describe("the budget", () => {
  let small: Rig;
  beforeAll(async () => {
    small = await box.systemdRig({ flags: ["--budget", "400M"] });
  });
  afterAll(() => small[Symbol.asyncDispose]());

  test("P7: forty runs at once, six fit: the limits of what lives never sum up to more", async () => {
    const slice = await box.cgroupOf("blut.slice");
    expect(Number(readFileSync(`${slice}/memory.max`, "utf8"))).toBe(416 * mib);
    const sums: number[] = [];
    const look = setInterval(() => {
      sums.push(box.liveScopes(slice).reduce((sum, scope) => sum + scope.maxBytes, 0));
    }, 25);
    const ask = { memory: { firstBytes: 64 * mib } };
    const ids = await Promise.all(
      Array.from({ length: 40 }, () => small.submit(["sleep", "0.5"], ask)),
    );
    for (const id of ids) expect(await small.finished(id)).toMatchObject({ state: "succeeded" });
    clearInterval(look);
    expect(sums.length).toBeGreaterThan(40);
    expect(Math.max(...sums)).toBe(6 * 64 * mib);
  });

  test("P7: what needs more than it ends at the ceiling with both numbers, exit 120", async () => {
    const ask = { calibrateAs: "too-much", memory: { firstBytes: 300 * mib } };
    const run = await small.finished(await small.stage("grow-memory", [500], ask));
    expect(run).toMatchObject({
      state: "failed",
      exitCode: 120,
      end: { kind: "footprint-exceeds-host", ceilingBytes: 400 * mib },
    });
    expect(run.history.map(({ limitBytes }) => limitBytes)).toStrictEqual([300 * mib, 400 * mib]);
    expect(run.sentence).toMatch(/400 MiB/);
    const again = await small.refusal("run.submit", {
      ...{ argv: ["true"], cwd: "/", env: {}, calibrateAs: "too-much" },
    });
    expect(again).toMatchObject({ reason: "never-fits" });
  });
});
