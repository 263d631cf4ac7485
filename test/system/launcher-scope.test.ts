import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../daemon/base/clock.ts";
import { watchPopulated } from "../../daemon/systemd/cgroup-watch.ts";
import { cgroupDirectory, readProcesses } from "../../daemon/systemd/cgroup.ts";
import { scopeName, sliceName } from "../../daemon/systemd/unit-name.ts";
import { isAlive, readProcess } from "../../daemon/launcher/process-table.ts";
import type { AttemptId } from "../../daemon/domain/ids.ts";
import { LauncherBed, mib, outputOf, saying, stage } from "../contract/launcher-bed.ts";

const node = process.execPath;
const hold = "const b=Buffer.alloc(60<<20, 1); console.log('held'); setInterval(()=>b, 1e6)";

let bed: LauncherBed;
beforeAll(async () => {
  bed = await LauncherBed.of("systemd");
});
afterAll(() => bed.close());

async function cgroupOf(unit: string): Promise<string> {
  const found = await bed.manager.unit(unit);
  if (!found.ok || found.value === "gone") throw new Error(`${unit} is not there`);
  return cgroupDirectory(found.value.controlGroup);
}

/** SIGKILL to everything in the scope, by a stranger and one by one: no cgroup.kill, no systemd. */
async function massacre(attemptId: AttemptId): Promise<void> {
  const pids = readProcesses(await cgroupOf(scopeName(attemptId)));
  for (const pid of typeof pids === "string" ? [] : pids) process.kill(pid, "SIGKILL");
}

describe("what only a scope can promise", () => {
  test("the limit is the kernel's, swap is none, and the command is inside", async () => {
    const spec = bed.spec(["sh", "-c", "cat /proc/self/cgroup; sleep 1000"]);
    const attempt = await bed.start(spec);
    await saying(spec, "\n");
    const scope = await cgroupOf(scopeName(spec.attemptId));
    expect(Number(readFileSync(path.join(scope, "memory.max"), "utf8"))).toBe(spec.limitBytes);
    expect(outputOf(spec).trim().split("::")[1]).toBe(scope.slice("/sys/fs/cgroup".length));
    await attempt.kill();
    await attempt.ended;
  });

  test("a spike of an instant, long gone at every sample, is the need", async () => {
    const { report } = await bed.run([stage("spike-then-free"), "120", "1.5"]);
    expect(report.peaks.needBytes).toBeGreaterThan(118 * mib);
    expect(report.peaks.needBytes).toBeLessThan(160 * mib);
  });

  test("reading a file larger than the limit is neither a need nor riding the limit", async () => {
    const file = path.join(bed.home, "large");
    const argv = [stage("read-big-file"), file, "150"] as const;
    const { report } = await bed.run(argv, { limitBytes: 100 * mib });
    expect(report.record).toEqual({ kind: "exited", status: 0 });
    expect(report.peaks.needBytes).toBeLessThan(40 * mib);
    expect(report.peaks.rodeLimit).toBe(false);
  });

  test("a script whose child dies of the limit is over, whatever it would have said", async () => {
    const script = "head -c 200m /dev/zero | tail -c 200m >/dev/null; exit 0";
    const { report } = await bed.run(["sh", "-c", script], { limitBytes: 40 * mib });
    expect(report).toMatchObject({ killer: "own-limit", started: true });
    expect(report.peaks.totalBytes).toBeLessThanOrEqual(40 * mib);
    expect(report.peaks.totalBytes).toBeGreaterThan(38 * mib);
  });

  test("fault 21: a daemon forked twice, in a session of its own, does not outlive its attempt", async () => {
    const { report, spec } = await bed.run([stage("orphan-child"), "1000", "20"]);
    expect(report).toMatchObject({ record: { status: 0 }, peaks: { leftovers: 1 } });
    expect(report.peaks.needBytes).toBeGreaterThan(20 * mib);
    // Its new parent may take its time to reap it; a zombie is dead.
    const pid = Number(outputOf(spec).trim().replace("orphaned ", ""));
    const left = readProcess(pid);
    expect(left !== undefined && isAlive(left)).toBe(false);
  });

  test("work that creeps into its limit and only reads its own text back is out of memory", async () => {
    const training = path.resolve(import.meta.dirname, "../../python/examples/train_digits.py");
    const { report } = await bed.run(["python3", training], { limitBytes: 64 * mib });
    expect(report).toMatchObject({ killer: "own-limit", peaks: { rodeLimit: true } });
  });

  test("an out-of-memory kill by the budget around it is told from one by its own limit", async () => {
    await bed.manager.setUnitProperties("blut.slice", [["MemoryMax", "t", BigInt(80 * mib)]]);
    const grow = "const a=[]; for(;;) a.push(Buffer.alloc(8<<20, 1))";
    const { report } = await bed.run([node, "-e", grow], { limitBytes: 256 * mib });
    await bed.manager.setUnitProperties("blut.slice", [["MemoryMax", "t", BigInt(1024 * mib)]]);
    expect(report).toMatchObject({ killer: "box-oom", peaks: { oomEvents: 0 } });
    expect(report.peaks.oomKills).toBeGreaterThan(0);
  });

  test("a stranger's SIGKILL to everything teaches nothing, and the peak is still known", async () => {
    const spec = bed.spec([node, "-e", hold]);
    const attempt = await bed.start(spec);
    await saying(spec, "held");
    await massacre(spec.attemptId);
    const report = await attempt.ended;
    expect(report.record).toBeUndefined();
    expect(report.killer).toBeUndefined();
    expect(report.peaks.totalBytes).toBeGreaterThan(60 * mib);
    expect(report.peaks.needBytes).toBeGreaterThan(60 * mib);
  });

  test("a kill that systemd-oomd marked is oomd's", async () => {
    const spec = bed.spec(["sh", "-c", "echo up; sleep 1000"]);
    const attempt = await bed.start(spec);
    await saying(spec, "up");
    const scope = await cgroupOf(scopeName(spec.attemptId));
    const mark =
      "import os,sys\nfor n in ('oomd_ooms','oomd_kill'): os.setxattr(sys.argv[1],'user.'+n,b'1')";
    execFileSync("python3", ["-c", mark, scope]);
    await massacre(spec.attemptId);
    expect((await attempt.ended).killer).toBe("oomd");
  });

  test("the wall limit is systemd's own, so it holds without a daemon", async () => {
    const spec = bed.spec(["sh", "-c", "trap '' TERM; while :; do sleep 1; done"], {
      wallLimitMs: 500,
      graceMs: 200,
    });
    const attempt = await bed.start(spec);
    expect(await attempt.ended).toMatchObject({ killer: "wall-limit", started: true });
  });

  test("fault 4: killed with the daemon away: peak and cause are harvested from the slice", async () => {
    const go = path.join(bed.home, "go");
    const grow = `const fs=require("fs"), a=[]; console.log("up");
      setInterval(() => { if (fs.existsSync(${JSON.stringify(go)})) for(;;) a.push(Buffer.alloc(8<<20, 1)) }, 20)`;
    const [killed, grown] = [bed.spec([node, "-e", hold]), bed.spec([node, "-e", grow])];
    const adopts = [await bed.startAndDie(killed), await bed.startAndDie(grown)];
    await saying(killed, "held");
    await saying(grown, "up");
    await massacre(killed.attemptId);
    writeFileSync(go, "");
    for (const { attemptId } of [killed, grown]) await emptied(attemptId);
    execFileSync("systemctl", ["--user", "daemon-reload"]);
    execFileSync("systemctl", ["--user", "daemon-reexec"]);
    const [first, second] = await Promise.all(adopts.map((each) => bed.launcher.adopt(each)));
    expect(first).toMatchObject({ kind: "ended", report: { started: true } });
    expect(first?.kind === "ended" && first.report.peaks.needBytes).toBeGreaterThan(60 * mib);
    expect(first?.kind === "ended" && first.report.killer).toBeUndefined();
    expect(second).toMatchObject({ kind: "ended", report: { killer: "own-limit" } });
    for (const { attemptId } of [killed, grown]) await bed.launcher.release(attemptId);
  });

  test("daemon-reload in the middle ends nothing", async () => {
    const go = path.join(bed.home, "after-reload");
    const wait = `echo up; until [ -e '${go}' ]; do sleep 0.05; done; exit 6`;
    const spec = bed.spec(["sh", "-c", wait]);
    const attempt = await bed.start(spec);
    await saying(spec, "up");
    execFileSync("systemctl", ["--user", "daemon-reload"]);
    expect(await Promise.race([attempt.ended, Promise.resolve("still there")])).toBe("still there");
    writeFileSync(go, "");
    expect((await attempt.ended).record).toEqual({ kind: "exited", status: 6 });
  });

  test("fault 3: a second start of the same attempt is refused, and the first goes on", async () => {
    const spec = bed.spec(["sh", "-c", "echo up; sleep 1000"]);
    const attempt = await bed.start(spec);
    await saying(spec, "up");
    const twin = { ...bed.spec(["sh", "-c", "echo twin"]), attemptId: spec.attemptId };
    const second = await bed.launcher.start(twin);
    expect(second.ok ? "" : second.error.reason).toBe("containment-unavailable");
    expect(outputOf(twin)).toBe("");
    expect(attempt.usage()).toBeDefined();
    await attempt.kill();
    await attempt.ended;
  });

  test("fault 19: a scope that failed and stayed makes room for the next of its name", async () => {
    const spec = bed.spec(["sh", "-c", "head -c 99m /dev/zero | tail -c 99m"], {
      limitBytes: 20 * mib,
    });
    expect(await (await bed.start(spec)).ended).toMatchObject({ killer: "own-limit" });
    const again = { ...bed.spec(["true"]), attemptId: spec.attemptId };
    const { ended } = await bed.start(again);
    expect((await ended).record).toEqual({ kind: "exited", status: 0 });
  });

  test("release leaves no unit behind, dead or alive", async () => {
    const dead = bed.spec(["true"]);
    const live = bed.spec(["sleep", "1000"]);
    await (
      await bed.start(dead)
    ).ended;
    const attempt = await bed.start(live);
    const held = await bed.launcher.holdings();
    expect(held).toEqual(expect.arrayContaining([dead.attemptId, live.attemptId]));
    for (const { attemptId } of [dead, live]) await bed.launcher.release(attemptId);
    await attempt.ended;
    const names = [dead, live].flatMap(({ attemptId }) => [
      scopeName(attemptId),
      sliceName(attemptId),
    ]);
    expect(await bed.manager.listUnits(names)).toEqual({ ok: true, value: [] });
  });
});

/** Settles when nothing lives in the attempt's slice. */
async function emptied(attemptId: AttemptId): Promise<void> {
  const slice = await cgroupOf(sliceName(attemptId));
  await new Promise<void>((resolve) => {
    watchPopulated(slice, resolve, systemClock);
  });
}
