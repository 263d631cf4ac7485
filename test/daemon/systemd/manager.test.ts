import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../daemon/base/clock.ts";
import type { AttemptId } from "../../../daemon/domain/ids.ts";
import { holdBudget } from "../../../daemon/systemd/budget-slice.ts";
import { Bus } from "../../../daemon/systemd/bus.ts";
import { Manager } from "../../../daemon/systemd/manager.ts";
import { systemdMatchRules } from "../../../daemon/systemd/systemd-link.ts";
import { attemptUnits } from "../../../daemon/systemd/transient-unit.ts";
import { scopeName, sliceName } from "../../../daemon/systemd/unit-name.ts";
import { FakeSystemd, type FakeCall, type JobRemovedTiming } from "../../support/fake-systemd.ts";
import { PrivateBus } from "../../support/private-bus.ts";

const attemptId = "att_0123456789ab" as AttemptId;
const scope = scopeName(attemptId);
const units = attemptUnits({
  attemptId,
  pid: process.pid,
  description: "a test",
  memoryMaxBytes: 40 << 20,
  stopTimeoutMs: 3_000,
});
const hour = 3_600_000;

describe("the manager", () => {
  let server: PrivateBus;
  let fake: FakeSystemd;
  let manager: Manager;

  function managerWith(lengths: {
    callTimeoutMs?: number;
    netMs?: number;
    jobMs?: number;
  }): Manager {
    const { callTimeoutMs = hour, netMs = hour, jobMs = hour } = lengths;
    const bus = new Bus({
      address: server.address,
      matchRules: systemdMatchRules,
      callTimeoutMs,
      reconnectMinMs: 5,
      reconnectMaxMs: 50,
      clock: systemClock,
      random: () => 0.5,
    });
    manager = new Manager(bus, { clock: systemClock, lostSignalNetMs: netMs, jobTimeoutMs: jobMs });
    return manager;
  }
  async function open(lengths: Parameters<typeof managerWith>[0] = {}): Promise<Manager> {
    managerWith(lengths);
    expect(await manager.open()).toEqual({ ok: true, value: undefined });
    return manager;
  }
  function attached(wanted: boolean): Promise<void> {
    return new Promise((resolve) => {
      const stop = manager.onAttached((is) => {
        if (is !== wanted) return;
        stop();
        resolve();
      });
    });
  }
  function nextCall(member: string): Promise<FakeCall> {
    return new Promise((resolve) => {
      fake.intercept(member, (call) => {
        fake.release(member);
        resolve(call);
      });
    });
  }
  async function restartBus(): Promise<void> {
    const away = attached(false);
    await server.kill();
    await away;
    await server.start();
  }

  beforeEach(async () => {
    server = await PrivateBus.start();
    fake = await FakeSystemd.start(server.address);
  });
  afterEach(async () => {
    manager.close();
    fake.disconnect();
    await server.close();
  });

  test.each<JobRemovedTiming>(["after", "before", "twice"])(
    "fault 18: start and stop answer with JobRemoved %s",
    async (timing) => {
      fake.jobRemoved = timing;
      await open();
      expect(await manager.startTransientUnit(units)).toEqual({ ok: true, value: undefined });
      expect([...fake.units.keys()]).toEqual([scope, sliceName(attemptId)]);
      expect(await manager.stopUnit(scope)).toEqual({ ok: true, value: undefined });
      expect(fake.units.has(scope)).toBe(false);
    },
  );

  test("fault 18: a start whose JobRemoved is lost is seen on the unit itself", async () => {
    fake.jobRemoved = "never";
    await open({ netMs: 5 });
    expect((await manager.startTransientUnit(units)).ok).toBe(true);
    expect((await manager.stopUnit(scope)).ok).toBe(true);
  });

  test("fault 18: a unit with a job still queued is asked again, not believed", async () => {
    fake.jobRemoved = "never";
    await open({ netMs: 5 });
    fake.intercept("StartTransientUnit", (call) => {
      const job = call.carryOut();
      fake.addUnit(scope, { activeState: "activating", jobId: 7 });
      call.reply("o", [job]);
    });
    const started = manager.startTransientUnit(units);
    await fake.called("ListUnitsByPatterns", 3);
    fake.addUnit(scope);
    expect((await started).ok).toBe(true);
  });

  test("a JobRemoved of another unit, or of another job of this one, ends nothing", async () => {
    await open();
    const starting = manager.startTransientUnit(units);
    const call = await nextCall("StartTransientUnit");
    const job = call.carryOut();
    fake.emitJobRemoved(job, "blut-att_999999999999.scope", "failed");
    fake.emitJobRemoved("/org/freedesktop/systemd1/job/99", scope, "failed");
    call.reply("o", [job]);
    fake.emitJobRemoved(job, scope);
    expect(await starting).toEqual({ ok: true, value: undefined });
  });

  test("fault 17: a start that was carried out but never answered is found by the unit's name", async () => {
    await open({ callTimeoutMs: 50 });
    const starting = manager.startTransientUnit(units);
    (await nextCall("StartTransientUnit")).carryOut();
    expect(await starting).toEqual({ ok: true, value: undefined });
    expect(fake.calls.filter((call) => call === "StartTransientUnit")).toHaveLength(1);
  });

  test.each(["NoReply", "LimitsExceeded"])(
    "fault 17: after %s the unit is looked for, and a start without effect is not-done",
    async (name) => {
      fake.intercept("StartTransientUnit", (call) => {
        call.refuse(`org.freedesktop.DBus.Error.${name}`);
      });
      await open();
      const started = await manager.startTransientUnit(units);
      expect(started).toMatchObject({ ok: false, error: { reason: "not-done" } });
      expect(fake.calls.slice(-2)).toEqual(["StartTransientUnit", "ListUnitsByPatterns"]);
    },
  );

  test("fault 17: a start that nobody can tell anything about is outcome-unknown in the end", async () => {
    fake.intercept("StartTransientUnit", () => undefined);
    fake.intercept("ListUnitsByPatterns", () => undefined);
    await open({ callTimeoutMs: 20, netMs: 5, jobMs: 60 });
    const started = await manager.startTransientUnit(units);
    expect(started).toMatchObject({ ok: false, error: { reason: "outcome-unknown" } });
  });

  test("fault 16: a start under way when the bus is killed ends by looking once it is back", async () => {
    await open();
    const starting = manager.startTransientUnit(units);
    (await nextCall("StartTransientUnit")).carryOut();
    await restartBus();
    await fake.connect();
    expect(await starting).toEqual({ ok: true, value: undefined });
  });

  test("fault 16: a job whose end fell into the bus's absence is seen on return", async () => {
    fake.jobRemoved = "never";
    await open();
    const starting = manager.startTransientUnit(units);
    await fake.called("StartTransientUnit");
    await restartBus();
    await fake.connect();
    expect(await starting).toEqual({ ok: true, value: undefined });
  });

  test("fault 16: signals flow again although systemd came back to the bus long after us", async () => {
    await open();
    fake.units.clear();
    await restartBus();
    expect(manager.isAttached).toBe(false);
    const back = attached(true);
    await fake.connect();
    await back;
    expect((await manager.startTransientUnit(units)).ok).toBe(true);
  });

  test("fault 20: a manager that leaves the bus and comes back is subscribed to again", async () => {
    await open();
    const away = attached(false);
    fake.disconnect();
    await away;
    const back = attached(true);
    await fake.connect();
    await back;
    expect((await manager.startTransientUnit(units)).ok).toBe(true);
  });

  test("fault 19: a unit that exists already is told, and can be cleared away", async () => {
    fake.addUnit(scope, { activeState: "failed", result: "oom-kill" });
    await open();
    const started = await manager.startTransientUnit(units);
    expect(started).toMatchObject({ ok: false, error: { reason: "unit-exists" } });
    expect((await manager.resetFailedUnit(scope)).ok).toBe(true);
  });

  test("says each refusal in its own word", async () => {
    await open();
    for (const [name, reason] of [
      ["org.freedesktop.DBus.Error.UnixProcessIdUnknown", "pid-gone"],
      ["org.freedesktop.DBus.Error.AccessDenied", "access-denied"],
      ["org.freedesktop.DBus.Error.PropertyReadOnly", "invalid-property"],
      ["System.Error.ENXIO", "invalid-property"],
      ["org.example.Odd", "bus-error"],
    ] as const) {
      fake.intercept("StartTransientUnit", (call) => {
        call.refuse(name, "the text");
      });
      expect(await manager.startTransientUnit(units)).toEqual({
        ok: false,
        error: { reason, message: "the text", dbusName: name },
      });
    }
  });

  test("a job that fails is told with systemd's word for it", async () => {
    await open();
    const starting = manager.startTransientUnit(units);
    const call = await nextCall("StartTransientUnit");
    call.reply("o", ["/org/freedesktop/systemd1/job/5"]);
    fake.emitJobRemoved("/org/freedesktop/systemd1/job/5", scope, "timeout");
    expect(await starting).toMatchObject({
      ok: false,
      error: { reason: "job-failed", jobResult: "timeout" },
    });
  });

  test("a frozen unit is thawed and stopped", async () => {
    fake.addUnit(scope);
    await open();
    const stopping = manager.stopUnit(scope);
    const call = await nextCall("StopUnit");
    call.reply("o", ["/org/freedesktop/systemd1/job/5"]);
    fake.emitJobRemoved("/org/freedesktop/systemd1/job/5", scope, "frozen");
    expect((await stopping).ok).toBe(true);
    expect(fake.calls).toContain("ThawUnit");
    expect(fake.units.has(scope)).toBe(false);
  });

  test("stop, kill and reset of a unit that is gone are quiet", async () => {
    await open();
    for (const quiet of [
      await manager.stopUnit(scope),
      await manager.killUnit(scope, 9),
      await manager.resetFailedUnit(scope),
    ])
      expect(quiet).toEqual({ ok: true, value: undefined });
  });

  test("reads a unit, and never believes the empty one that systemd makes of a name", async () => {
    await open();
    expect(await manager.unit(scope)).toEqual({ ok: true, value: "gone" });
    expect(fake.calls).not.toContain("Get");
    fake.addUnit(scope, { activeState: "failed", result: "oom-kill" });
    expect(await manager.unit(scope)).toMatchObject({
      value: { activeState: "failed", result: "oom-kill", controlGroup: `/blut.slice/${scope}` },
    });
    fake.intercept("ListUnitsByPatterns", (call) => {
      fake.units.clear();
      call.reply("a(ssssssouso)", [
        [[scope, "", "loaded", "active", "running", "", "/u", 0, "", "/j"]],
      ]);
    });
    expect(await manager.unit(scope)).toEqual({ ok: true, value: "gone" });
  });

  test("a failed unit whose Result a reload made systemd forget has none, not success", async () => {
    fake.addUnit(scope, { activeState: "failed", result: "success" });
    await open();
    const unit = await manager.unit(scope);
    expect(unit).toMatchObject({ ok: true, value: { activeState: "failed" } });
    expect(unit.ok && unit.value).not.toHaveProperty("result");
  });

  test("lists loaded units only", async () => {
    fake.addUnit(scope);
    fake.addUnit("blut-att_aaaaaaaaaaaa.scope", { loadState: "not-found" });
    fake.addUnit("other.scope");
    await open();
    const listed = await manager.listUnits(["blut-att_*.scope"]);
    expect(listed.ok && listed.value.map((unit) => unit.name)).toEqual([scope]);
  });

  test.each([
    ["252.39-1~deb12u1", 252],
    ["v257.9", 257],
    ["262~rc1-1", 262],
  ])("reads version %s", async (text, version) => {
    fake.version = text;
    await open();
    expect(await manager.version()).toEqual({ ok: true, value: version });
  });

  test("signals that somebody else sends in systemd's name are not heard", async () => {
    await open();
    const stranger = await FakeSystemd.start(server.address);
    const starting = manager.startTransientUnit(units);
    const call = await nextCall("StartTransientUnit");
    const job = call.carryOut();
    call.reply("o", [job]);
    const [us] = fake.subscribers;
    stranger.emitJobRemoved(job, scope, "failed", us);
    await stranger.settled();
    fake.emitJobRemoved(job, scope);
    expect(await starting).toEqual({ ok: true, value: undefined });
    stranger.disconnect();
  });

  test("the budget goes on the slice, made or changed", async () => {
    await open();
    expect((await holdBudget(manager, 1 << 30)).ok).toBe(true);
    expect(fake.units.has("blut.slice")).toBe(true);
    expect((await holdBudget(manager, 2 ** 31)).ok).toBe(true);
    expect(fake.calls.slice(-2)).toEqual(["StartTransientUnit", "SetUnitProperties"]);
  });

  test("closing settles what is under way", async () => {
    fake.jobRemoved = "never";
    await open();
    const starting = manager.startTransientUnit(units);
    await fake.called("StartTransientUnit");
    manager.close();
    expect((await starting).ok).toBe(false);
  });
});
