import { execFile } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../daemon/base/clock.ts";
import { holdBudget } from "../../daemon/systemd/budget-slice.ts";
import * as cgroup from "../../daemon/systemd/cgroup.ts";
import { watchPopulated } from "../../daemon/systemd/cgroup-watch.ts";
import type { Manager } from "../../daemon/systemd/manager.ts";
import { attemptUnits } from "../../daemon/systemd/transient-unit.ts";
import { attemptUnitPatterns } from "../../daemon/systemd/unit-name.ts";
import {
  attemptIdOf,
  mib,
  mustBe,
  startGated,
  userManager,
  type GatedChild,
} from "../support/unit-rig.ts";

const hog = (size: string): string => `head -c ${size} /dev/zero | tail -c ${size} > /dev/null`;

/** Without blocking us: signals must be read while it happens. */
async function userSystemctl(...words: string[]): Promise<void> {
  await promisify(execFile)("systemctl", ["--user", ...words]);
}

function emptied(child: GatedChild): Promise<void> {
  return new Promise((resolve) => {
    watchPopulated(child.sliceDirectory, resolve, systemClock);
  });
}

function limitOf(directory: string, file: string): string {
  return readFileSync(join(directory, file), "utf8").trim();
}

describe("attempt units on the real systemd", () => {
  let manager: Manager;

  beforeAll(async () => {
    manager = await userManager();
  });
  afterEach(async () => {
    for (const unit of mustBe(await manager.listUnits(attemptUnitPatterns))) {
      await manager.stopUnit(unit.name);
      await manager.resetFailedUnit(unit.name);
    }
  });
  afterAll(() => {
    manager.close();
  });

  test("the scope has its limits before the gate opens, inside a slice inside blut.slice", async () => {
    const child = await startGated(manager, "limits", "exit 3", {
      tasksMax: 64,
      memoryHighBytes: 30 * mib,
    });
    expect(child.scopeDirectory).toMatch(
      /\/blut\.slice\/blut-att_\w+\.slice\/blut-att_\w+\.scope$/,
    );
    expect(limitOf(child.scopeDirectory, "memory.max")).toBe(String(40 * mib));
    expect(limitOf(child.scopeDirectory, "memory.high")).toBe(String(30 * mib));
    expect(limitOf(child.scopeDirectory, "memory.swap.max")).toBe("0");
    expect(limitOf(child.scopeDirectory, "memory.oom.group")).toBe("1");
    expect(limitOf(child.scopeDirectory, "pids.max")).toBe("64");
    expect(cgroup.readProcesses(child.scopeDirectory)).toEqual([child.child.pid]);
    expect(cgroup.readPopulated(child.sliceDirectory)).toBe(true);
    child.open();
    expect(await child.exited).toEqual([3, null]);
  });

  test("fault 34: over its own limit everything in the scope is killed, and the slice keeps peak and cause", async () => {
    const child = await startGated(manager, "hog", `sleep 1000 & ${hog("200m")}; exit 7`);
    const empty = emptied(child);
    child.open();
    await empty;
    expect(await child.exited).toEqual([null, "SIGKILL"]);
    expect(cgroup.readPeakBytes(child.sliceDirectory)).toBeGreaterThan(39 * mib);
    const events = cgroup.readMemoryEvents(child.sliceDirectory);
    if (typeof events === "string") throw new Error(events);
    expect(events.oom).toBeGreaterThanOrEqual(1);
    expect(events.oomKill).toBeGreaterThanOrEqual(2);
  });

  test("a failed scope keeps its Result until it is reset", async () => {
    const child = await startGated(manager, "result", hog("200m"));
    const empty = emptied(child);
    child.open();
    await empty;
    const failed = (): Promise<unknown> =>
      new Promise((resolve) => {
        const look = async (): Promise<void> => {
          const unit = mustBe(await manager.unit(child.scope));
          if (unit !== "gone" && unit.activeState === "failed") resolve(unit);
          else setImmediate(() => void look());
        };
        void look();
      });
    expect(await failed()).toMatchObject({ result: "oom-kill", jobId: 0 });
    await userSystemctl("daemon-reload");
    // systemd does not carry Result across a reload: what it says then must not read as success.
    const reloaded = mustBe(await manager.unit(child.scope));
    expect(reloaded).toMatchObject({ activeState: "failed" });
    expect(["oom-kill", undefined]).toContain(reloaded === "gone" ? "gone" : reloaded.result);
    mustBe(await manager.resetFailedUnit(child.scope));
    expect(mustBe(await manager.unit(child.scope))).toBe("gone");
  });

  test("the end of the last orphan is the end, and it is told by the kernel", async () => {
    const child = await startGated(manager, "orphan", "setsid sleep 1000 & exit 0");
    const empty = emptied(child);
    child.open();
    expect(await child.exited).toEqual([0, null]);
    expect(cgroup.readPopulated(child.sliceDirectory)).toBe(true);
    mustBe(await manager.killUnit(child.scope, 9));
    await empty;
    expect(cgroup.readPopulated(child.sliceDirectory)).toBe(false);
    expect(cgroup.readCpuMs(child.sliceDirectory)).toBeGreaterThanOrEqual(0);
  });

  test("need is what the work holds, without the pages of the file that it reads", async () => {
    const file = join(process.env["HOME"] ?? "/tmp", "read-me");
    const child = await startGated(
      manager,
      "need",
      `head -c 20m /dev/zero > ${file}; cat ${file} > /dev/null; kill -STOP $$`,
    );
    child.open();
    const stopped = (): boolean =>
      /\nState:\tT/.test(readFileSync(`/proc/${child.child.pid ?? 0}/status`, "utf8"));
    while (!stopped()) await new Promise((resolve) => setImmediate(resolve));
    const need = cgroup.readNeed(child.sliceDirectory);
    if (typeof need === "string") throw new Error(need);
    expect(cgroup.readCurrentBytes(child.sliceDirectory)).toBeGreaterThan(20 * mib);
    expect(need.fileBytes).toBeGreaterThan(19 * mib);
    expect(need.needBytes).toBeLessThan(5 * mib);
    rmSync(file);
    expect(cgroup.killAll(child.scopeDirectory)).toBe("killed");
    expect(await child.exited).toEqual([null, "SIGKILL"]);
  });

  test("stopping the slice ends everything in it and leaves nothing, asked twice", async () => {
    const child = await startGated(manager, "stop", "sleep 1000");
    child.open();
    mustBe(await manager.stopUnit(child.slice));
    mustBe(await manager.stopUnit(child.slice));
    expect(await child.exited).toEqual([null, "SIGTERM"]);
    await expect
      .poll(async () => mustBe(await manager.unit(child.slice)), { timeout: 10_000 })
      .toBe("gone");
    expect(existsSync(child.sliceDirectory)).toBe(false);
  });

  test("fault 22: work that ignores TERM is killed after the grace, and Result says so", async () => {
    const script = 'trap "" TERM; while :; do sleep 0.1; done';
    const child = await startGated(manager, "deaf", script, { stopTimeoutMs: 300 });
    child.open();
    mustBe(await manager.stopUnit(child.scope));
    expect(await child.exited).toEqual([null, "SIGKILL"]);
    expect(mustBe(await manager.unit(child.scope))).toMatchObject({ result: "timeout" });
  });

  test("the wall limit holds without anybody of ours", async () => {
    const child = await startGated(manager, "wall", "sleep 1000", { wallLimitMs: 300 });
    child.open();
    expect(await child.exited).toEqual([null, "SIGTERM"]);
    await expect
      .poll(async () => mustBe(await manager.unit(child.scope)), { timeout: 10_000 })
      .toMatchObject({ result: "timeout" });
  });

  test("a frozen scope is thawed and stopped", async () => {
    const child = await startGated(manager, "frozen", "while :; do :; done");
    child.open();
    await userSystemctl("freeze", child.scope);
    const events = readFileSync(join(child.scopeDirectory, "cgroup.events"), "utf8");
    expect(events).toContain("frozen 1");
    mustBe(await manager.stopUnit(child.scope));
    expect(await child.exited).toEqual([null, "SIGTERM"]);
  });

  test("a limit is raised in place", async () => {
    const child = await startGated(manager, "raise", hog("60m"));
    mustBe(await manager.setUnitProperties(child.scope, [["MemoryMax", "t", BigInt(100 * mib)]]));
    expect(limitOf(child.scopeDirectory, "memory.max")).toBe(String(100 * mib));
    child.open();
    expect(await child.exited).toEqual([0, null]);
  });

  test("daemon-reload makes nobody believe that a live unit is gone", async () => {
    const child = await startGated(manager, "reload", "sleep 1000");
    child.open();
    for (let round = 0; round < 3; round += 1) await userSystemctl("daemon-reload");
    for (const unit of [child.scope, child.slice])
      expect(mustBe(await manager.unit(unit))).toMatchObject({ activeState: "active" });
    mustBe(await manager.killUnit(child.scope, 15));
    await child.exited;
    await expect
      .poll(async () => mustBe(await manager.unit(child.scope)), { timeout: 10_000 })
      .toBe("gone");
    expect(mustBe(await manager.unit(child.slice))).toMatchObject({ activeState: "active" });
  });

  test("fault 20: a re-executed manager keeps the scope, its limit and us", async () => {
    const child = await startGated(manager, "reexec", "sleep 1000");
    child.open();
    await userSystemctl("daemon-reexec");
    await expect.poll(() => manager.isAttached, { timeout: 10_000 }).toBe(true);
    expect(limitOf(child.scopeDirectory, "memory.max")).toBe(String(40 * mib));
    mustBe(await manager.stopUnit(child.slice));
    expect(await child.exited).toEqual([null, "SIGTERM"]);
  });

  test("fault 16: the user's bus is killed, the work goes on and we find both again", async () => {
    const child = await startGated(manager, "bvs", "sleep 1000");
    child.open();
    const states: boolean[] = [];
    const stop = manager.onAttached((isAttached) => states.push(isAttached));
    await userSystemctl("kill", "-s", "KILL", "dbus.service");
    await expect.poll(() => states.at(-1), { timeout: 20_000 }).toBe(true);
    stop();
    expect(states[0]).toBe(false);
    expect(cgroup.readPopulated(child.sliceDirectory)).toBe(true);
    mustBe(await manager.stopUnit(child.slice));
    expect(await child.exited).toEqual([null, "SIGTERM"]);
  });

  test("fault 19: a name that is taken, and a process that is gone, are told apart", async () => {
    const child = await startGated(manager, "taken", "exit 0");
    const units = attemptUnits({
      attemptId: attemptIdOf("taken"),
      pid: child.child.pid ?? 0,
      description: "again",
      memoryMaxBytes: mib,
      stopTimeoutMs: 1_000,
    });
    const again = await manager.startTransientUnit(units);
    expect(again).toMatchObject({ ok: false, error: { reason: "unit-exists" } });
    child.open();
    await child.exited;
    const dead = await manager.startTransientUnit({
      ...units,
      name: "blut-att_dead00000000.scope",
    });
    expect(dead).toMatchObject({ ok: false, error: { reason: "pid-gone" } });
  });

  test("the budget slice is made, and changed in place", async () => {
    mustBe(await holdBudget(manager, 600 * mib));
    mustBe(await holdBudget(manager, 700 * mib));
    const slice = mustBe(await manager.unit("blut.slice"));
    if (slice === "gone") throw new Error("no blut.slice");
    const directory = cgroup.cgroupDirectory(slice.controlGroup);
    expect(limitOf(directory, "memory.max")).toBe(String(700 * mib));
  });

  test("forty scopes at once all answer, and all are listed", async () => {
    const many = Array.from({ length: 40 }, (_, index) =>
      startGated(manager, `many${String(index).padStart(3, "0")}`, "sleep 1000"),
    );
    const children = await Promise.all(many);
    const listed = mustBe(await manager.listUnits(["blut-att_many*.scope"]));
    expect(listed).toHaveLength(children.length);
    const stopped = await Promise.all(children.map((child) => manager.stopUnit(child.slice)));
    expect(stopped.every((each) => each.ok)).toBe(true);
  });
});
