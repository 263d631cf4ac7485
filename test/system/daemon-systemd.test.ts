import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AttemptId } from "../../daemon/domain/ids.ts";
import { scopeName } from "../../daemon/systemd/unit-name.ts";
import { Rig } from "../support/rig.ts";
import * as box from "./support/user-systemd.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await box.systemdRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
  await box.sweep();
});

const status = () => rig.call("daemon.status", {});

/** A command that notes each of its lives in a file; `lives` counts them. */
function noting(script: string): readonly [string, ...string[]] {
  return ["sh", "-c", `echo "$BLUT_RUN" >> '${rig.directory}/lives'; ${script}`];
}

function lives(): string[] {
  const file = path.join(rig.directory, "lives");
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1).sort() : [];
}

/** It succeeded, and its command ran once: a start that systemd was away for is asked for again. */
async function expectOneRun(id: string): Promise<void> {
  const { state, history } = await rig.finished(id);
  expect(state).toBe("succeeded");
  expect(history.filter(({ startedAt }) => startedAt !== undefined)).toHaveLength(1);
}

describe("the user's bus", () => {
  test("fault 16: gone for a while: work goes on and ends, health says so, nothing starts, then all does", async () => {
    const [long, short] = [await rig.hold("long"), await rig.hold("short")];
    for (const id of [long, short]) await rig.says(id, "holding");
    await box.userSystemctl("stop", "dbus.socket", "dbus.service");
    try {
      await rig.event("bus.lost");
      expect((await status()).health).toMatchObject([{ part: "bus" }]);
      const queued = await rig.submit(["true"]);
      expect((await rig.call("run.explain", { run: queued })).wait?.reason).toBe("systemd-away");
      rig.release("short");
      expect(await rig.finished(short)).toMatchObject({ state: "succeeded", attempts: 1 });
      await box.userSystemctl("start", "dbus.socket");
      expect(await rig.finished(queued)).toMatchObject({ state: "succeeded", attempts: 1 });
    } finally {
      await box.userSystemctl("start", "dbus.socket");
    }
    await rig.event("bus.restored");
    expect((await status()).health).toStrictEqual([]);
    rig.release("long");
    expect(await rig.finished(long)).toMatchObject({ state: "succeeded", attempts: 1 });
    await expect.poll(box.attemptUnits, { timeout: 20_000 }).toStrictEqual([]);
  });

  test("fault 16: killed again and again under load, no run fails and none runs twice", async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, () => rig.submit(noting("sleep 0.2"))),
    );
    for (let kill = 0; kill < 3; kill++) {
      await rig.event("run.succeeded", ids[kill * 5]);
      await box.userSystemctl("kill", "-s", "KILL", "dbus.service");
      // Else systemd's own limit of restarts would keep the bus away for good. A manager that waits for the bus
      // just then answers nobody for 90 s, which is as long as systemctl waits for it.
      const reset = () => box.userSystemctl("reset-failed");
      await reset().catch(reset);
      await box.userSystemctl("start", "dbus.socket");
      const restored = () => rig.events.filter(({ kind }) => kind === "bus.restored").length;
      await expect.poll(restored).toBe(kill + 1);
    }
    for (const id of ids) {
      await expectOneRun(id);
    }
    expect(lives()).toStrictEqual([...ids].sort());
  }, 400_000);

  test("fault 17: systemd that answers late is asked again by name, and nothing runs twice", async () => {
    const manager = execFileSync("systemctl", ["show", "-P", "MainPID", "user@1000.service"], {
      encoding: "utf8",
    }).trim();
    process.kill(Number(manager), "SIGSTOP");
    const id = await rig.submit(noting("exit 5"));
    try {
      await rig.event("attempt.starting", id);
    } finally {
      process.kill(Number(manager), "SIGCONT");
    }
    expect(await rig.finished(id)).toMatchObject({ state: "failed", exitCode: 5, attempts: 1 });
    expect(lives()).toStrictEqual([id]);
  });
});

describe("systemd itself", () => {
  test("fault 20: reloaded and re-executed in the middle of starts and ends: nothing is lost or run twice", async () => {
    const holder = await rig.hold("through");
    const ids = await Promise.all(
      Array.from({ length: 20 }, () => rig.submit(noting("sleep 0.2"))),
    );
    for (const [i, verb] of [
      "daemon-reload",
      "daemon-reexec",
      "daemon-reload",
      "daemon-reexec",
    ].entries()) {
      await rig.event("run.succeeded", ids[i * 4]);
      await box.userSystemctl(verb);
    }
    for (const id of ids) {
      await expectOneRun(id);
    }
    rig.release("through");
    expect(await rig.finished(holder)).toMatchObject({ state: "succeeded", attempts: 1 });
    expect(lives()).toStrictEqual([...ids].sort());
    await expect.poll(box.attemptUnits, { timeout: 20_000 }).toStrictEqual([]);
  });

  test("fault 35: an attempt whose cgroup is swept away under the daemon ends, and is never a success", async () => {
    const id = await rig.submit(noting("sleep 1000"), { calibrateAs: "swept" });
    const { attemptId } = await rig.event("attempt.started", id);
    await box.userSystemctl("stop", scopeName(attemptId as AttemptId).replace(/scope$/, "slice"));
    await rig.event("attempt.ended", id);
    const run = await rig.call("run.get", { run: id });
    expect(run.history[0]?.outcome?.cause).not.toBe("succeeded");
    expect(run.history[0]?.peakNeedBytes).not.toBe(0);
    expect((await rig.refusal("calibration.get", { key: "swept" })).reason).toBe("not-found");
    await rig.call("run.cancel", { runs: [id], now: true });
    await rig.finished(id);
  });
});

describe("a daemon that cannot contain work", () => {
  test("refuses with 78, says why and the command that helps", async () => {
    const alone = Rig.prepare(
      box.systemdOptions({
        env: {
          DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent/bus",
          XDG_RUNTIME_DIR: "/nonexistent",
        },
      }),
    );
    expect(await alone.launch()).toBe(78);
    const said = alone.log.map(({ msg }) => msg).join("\n");
    expect(said).toMatch(/systemd --user does not answer at unix:path=\/nonexistent\/bus/);
    expect(said).toContain('loginctl enable-linger "$USER"');
    expect(said).toContain("blutd --containment polling");
    await alone[Symbol.asyncDispose]();
  });

  test("refuses as root", async () => {
    const alone = Rig.prepare({
      ...box.systemdOptions(),
      wrapper: ["sudo", "-n"],
    });
    expect(await alone.launch()).toBe(78);
    expect(alone.log.map(({ msg }) => msg).join("\n")).toContain("never run as root");
    execFileSync("sudo", ["-n", "rm", "-rf", alone.directory]);
  });
});
