import { execFileSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Rig } from "../support/rig.ts";
import { attemptUnits, mib, sweep, systemdRig } from "./support/user-systemd.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await systemdRig({
    env: { SECRET_OF_THE_DAEMON: "hush", BLUT_OUTPUT_CAP: "8M", BLUT_OUTPUT_HEAD: "1M" },
  });
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await sweep();
});

/** The most memory the daemon has held since `forgetPeak`; bytes. */
function residentPeak(): number {
  const status = readFileSync(`/proc/${rig.pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

function forgetPeak(): void {
  writeFileSync(`/proc/${rig.pid}/clear_refs`, "5");
}

const hasProcess = (pid: string): boolean => {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
};

describe("what work gets of the daemon's", () => {
  test("not its out-of-memory score", async () => {
    const score = `/proc/${rig.pid}/oom_score_adj`;
    execFileSync("sudo", ["-n", "sh", "-c", `echo -900 > ${score}`]);
    const id = await rig.submit(["cat", "/proc/self/oom_score_adj"]);
    await rig.finished(id);
    expect(await rig.output(id)).toBe("500\n");
  });

  test("security 6: not its environment", async () => {
    const env = { PATH: "/usr/bin:/bin", MINE: "two\nlines" };
    const id = await rig.submit(["env", "-0"], { env });
    await rig.finished(id);
    const seen = (await rig.output(id)).split("\0").filter((entry) => entry !== "");
    const names = seen.map((entry) => entry.slice(0, entry.indexOf("=")));
    expect(seen).toContain("MINE=two\nlines");
    expect(names.filter((name) => !name.startsWith("BLUT_")).sort()).toStrictEqual(
      expect.arrayContaining(["MINE", "PATH"]),
    );
    expect(names).not.toContain("SECRET_OF_THE_DAEMON");
    expect(names).not.toContain("BLUT_GRACE");
    expect(names).not.toContain("DBUS_SESSION_BUS_ADDRESS");
  });

  test("security 8: not one of its descriptors", async () => {
    const id = await rig.submit(["sh", "-c", "ls -l /proc/$$/fd"]);
    await rig.finished(id);
    const fds = (await rig.output(id))
      .split("\n")
      .flatMap((line) => / (\d+) -> (.*)$/.exec(line)?.slice(1, 3).join(" ") ?? []);
    expect(fds).toStrictEqual([
      "0 /dev/null",
      expect.stringMatching(/^1 .*\/stdout\.log$/),
      expect.stringMatching(/^2 .*\/stderr\.log$/),
    ]);
  });

  test("security 3: a log that it swaps for a link does not lead the daemon elsewhere", async () => {
    const secret = path.join(rig.directory, "secret");
    writeFileSync(secret, "a secret of the box\n");
    const swap = 'cd "${BLUT_CONTEXT%/*}" && rm stdout.log stderr.log && ln -s "$0" stdout.log';
    const id = await rig.submit(["sh", "-c", `${swap} && ln "$0" stderr.log`, secret]);
    expect(await rig.finished(id)).toMatchObject({ state: "succeeded" });
    for (const stream of ["stdout", "stderr"] as const) {
      const page = await rig.connection.call("run.log", { run: id, stream });
      expect(page.ok ? page.value.base64 : "").toBe("");
    }
    expect(readFileSync(secret, "utf8")).toBe("a secret of the box\n");
  });
});

describe("processes", () => {
  test("fault 21: a daemon forked twice, in a session of its own, does not outlive its run", async () => {
    const id = await rig.stage("orphan-child", [1000, 20]);
    const run = await rig.finished(id);
    expect(run).toMatchObject({ state: "succeeded", exitCode: 0 });
    expect(run.history[0]).toMatchObject({ leftovers: 1 });
    const pid = (await rig.output(id)).trim().replace("orphaned ", "");
    expect(hasProcess(pid)).toBe(false);
  });

  test("fault 22: work that is deaf to SIGTERM gets its grace, then SIGKILL", async () => {
    const id = await rig.stage("ignore-sigterm");
    await rig.says(id, "deaf");
    await rig.call("run.cancel", { runs: [id] });
    expect(await rig.finished(id)).toMatchObject({ state: "cancelled", exitCode: 122 });
    const [stopping, ended] = [
      await rig.event("attempt.stopping", id),
      await rig.event("attempt.ended", id),
    ];
    expect(ended.at - stopping.at).toBeGreaterThanOrEqual(490);
    await expect.poll(attemptUnits).toStrictEqual([]);
  });

  test("fault 23: a child that holds the output open does not hold the end back", async () => {
    const id = await rig.stage("fork-and-leave");
    const run = await rig.finished(id);
    expect(run).toMatchObject({ state: "succeeded", exitCode: 0 });
    expect(run.history[0]).toMatchObject({ leftovers: 1 });
    const pid = (await rig.output(id)).trim().replace("left ", "");
    expect(hasProcess(pid)).toBe(false);
  });

  test("a soft timeout warns, a hard one ends", async () => {
    const saves = "trap 'echo saved; exit 0' TERM; while :; do sleep 0.05; done";
    const soft = await rig.submit(["sh", "-c", saves], { softTimeoutMs: 500 });
    const hard = await rig.stage("ignore-sigterm", [], { timeoutMs: 500, retries: 3 });
    expect(await rig.finished(soft)).toMatchObject({ state: "succeeded", exitCode: 0 });
    expect(await rig.output(soft)).toBe("saved\n");
    const run = await rig.finished(hard);
    expect(run).toMatchObject({ state: "failed", exitCode: 121, attempts: 1 });
    expect(run.history[0]?.outcome).toStrictEqual({ cause: "timed-out", which: "hard" });
  });
});

describe("output", () => {
  test("fault 24: a gigabyte of it leaves the daemon's memory flat and the disk capped", async () => {
    const resident = residentPeak();
    forgetPeak();
    const bytes = 1024 * mib;
    const id = await rig.stage("fill-the-log", [bytes]);
    const { attemptId } = await rig.event("attempt.started", id);
    const { history } = await rig.call("run.get", { run: id });
    const log = path.join(history.at(-1)?.directory ?? "", "stdout.log");
    let onDisk = 0;
    const look = setInterval(() => {
      onDisk = Math.max(onDisk, statSync(log).blocks * 512);
    }, 20);
    const run = await rig.finished(id);
    clearInterval(look);
    expect(run, attemptId).toMatchObject({ state: "succeeded", attempts: 1 });
    expect(statSync(log).size).toBe(bytes);
    expect(statSync(log).blocks * 512).toBeLessThanOrEqual(9 * mib);
    // A log that was quiet is looked at once a second: the first burst may run ahead that long.
    expect(onDisk).toBeLessThan(256 * mib);
    expect(residentPeak() - resident).toBeLessThan(20 * mib);
    const tail = await rig.call("run.log", { run: id, stream: "stdout", offset: -64 });
    const last = String(bytes / 64 - 1).padStart(12, "0");
    expect(Buffer.from(tail.base64, "base64").toString()).toContain(`line ${last}`);
    const head = await rig.call("run.log", { run: id, stream: "stdout", limit: 64 });
    expect(Buffer.from(head.base64, "base64").toString()).toContain("line 000000000000");
  });
});
