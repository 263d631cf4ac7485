import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { attemptFiles } from "../../daemon/launcher/attempt-files.ts";
import { recallShim } from "../../daemon/launcher/process-record.ts";
import { readProcess, readProcessTable } from "../../daemon/launcher/process-table.ts";
import { ProcessTree } from "../../daemon/launcher/process-tree.ts";
import { Rig } from "../support/rig.ts";
import { polling } from "./ledger.ts";

const mib = 1024 ** 2;
const noRetry = { ...polling, env: { ...polling.env, BLUT_RETRY_LOST: "0" } };

/** Runs a program of `namespace/` in a pid namespace of its own; answers the JSON it prints. */
async function inNamespace(program: string, init: readonly string[] = []): Promise<unknown> {
  const file = path.join(import.meta.dirname, "namespace", program);
  const user = process.getuid?.() === 0 ? [] : ["-r"];
  const unshare = [...user, "-pf", "--mount-proc", "--kill-child", "--"];
  const child = spawn("unshare", [...unshare, ...init, process.execPath, file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => (text += more));
  await once(child, "close");
  return JSON.parse(text);
}

describe("fault 14: a number that belongs to another process by now", () => {
  test("is not signalled where it is remembered with the start time of the one before", async () => {
    await using rig = await Rig.start(noRetry);
    const id = await rig.submit(["sh", "-c", "echo up; exec sleep 1000"]);
    await rig.says(id, "up");
    const { directory } = (await rig.call("run.get", { run: id })).history[0] ?? { directory: "" };
    const record = attemptFiles(directory).process;
    const shim = recallShim(directory) ?? { pid: 0, startTicks: 0 };
    await rig.end("SIGKILL");
    for (const { pid } of new ProcessTree(shim).look(readProcessTable())) process.kill(pid, 9);
    const victim = spawn("sleep", ["1000"]);
    onTestFinished(() => {
      victim.kill();
    });
    const text = readFileSync(record, "utf8").replace(String(shim.pid), String(victim.pid));
    writeFileSync(record, text);
    await rig.boot();
    await rig.call("run.cancel", { runs: [id], now: true });
    expect((await rig.finished(id)).state).toBe("failed");
    expect(readProcess(victim.pid ?? 0)?.state).toMatch(/[SR]/);
  });

  test("is not signalled where the kernel has really given it away again", async () => {
    // The shell reaps whatever is left to it, so that the number is free again.
    const told = await inNamespace("reused-pid.ts", ["sh", "-c", '"$@"; exit $?', "sh"]);
    expect(told).toStrictEqual({ reused: true, state: "failed", victim: "alive" });
  });
});

test("fault 15: a shim that nobody reaps is dead all the same", async () => {
  const told = await inNamespace("zombie.ts");
  expect(told).toStrictEqual({ shim: "Z", state: "succeeded", exitCode: 0, attempts: 1 });
});

describe("fault 21, fault 23: what a command leaves behind", () => {
  test("a daemon in a session of its own is killed and counted, and the run is over", async () => {
    await using rig = await Rig.start(polling);
    // Long enough to be seen: without a cgroup, what flees at once is not found again.
    const script = "setsid sleep 1000 & echo $!; sleep 1";
    const run = await rig.finished(await rig.submit(["sh", "-c", script]));
    expect(run).toMatchObject({ state: "succeeded", exitCode: 0 });
    expect(run.history[0]?.leftovers).toBe(1);
    const pid = Number(await rig.output(run.id));
    await vi.waitUntil(() => !/[SR]/.test(readProcess(pid)?.state ?? "gone"), 5000);
  });

  test("a child that holds stdout does not hold the end", async () => {
    await using rig = await Rig.start(polling);
    const run = await rig.finished(await rig.stage("fork-and-leave", [1000]));
    expect(run).toMatchObject({ state: "succeeded", exitCode: 0 });
  });
});

function rssBytes(pid: number): number {
  const pages = Number(readFileSync(`/proc/${String(pid)}/statm`, "utf8").split(" ")[1]);
  return pages * 4096;
}

describe("fault 24: output without end", () => {
  const gib = 1024 ** 3;
  test.each([
    ["1 GiB as fast as it can", `head -c ${String(gib)} /dev/zero | tr '\\0' x`, gib],
    ["a million tiny lines", "seq 1000000", 6_888_896],
  ])(
    "%s: the daemon's memory stays flat, the log keeps its cap, and offsets hold",
    async (_what, script, bytes) => {
      const capped = { ...polling.env, BLUT_OUTPUT_CAP: "4M", BLUT_OUTPUT_HEAD: "64K" };
      await using rig = await Rig.start({ ...polling, env: capped });
      // A first run pays for what the daemon loads once.
      await rig.finished(await rig.submit(["sh", "-c", "head -c 20M /dev/zero"]));
      const beforeBytes = rssBytes(rig.pid);
      let mostBytes = 0;
      const sampling = setInterval(() => {
        mostBytes = Math.max(mostBytes, rssBytes(rig.pid));
      }, 50);
      const run = await rig.finished(await rig.submit(["sh", "-c", script]));
      clearInterval(sampling);
      expect(run).toMatchObject({ state: "succeeded" });
      expect(mostBytes - beforeBytes).toBeLessThan(20 * mib);
      const log = attemptFiles(run.history[0]?.directory ?? "").log("stdout");
      expect(statSync(log).blocks * 512).toBeLessThan(6 * mib);
      const tail = await rig.call("run.log", { run: run.id, stream: "stdout", offset: -64 });
      expect(tail).toMatchObject({ next: bytes, ended: true });
      const head = await rig.call("run.log", { run: run.id, stream: "stdout", limit: 64 });
      expect(head.offset).toBe(0);
    },
    60_000,
  );
});

describe("fault 30: the daemon stands still for a while", () => {
  test("what ended in time meanwhile was in time, what did not is over, and the queue goes on", async () => {
    await using rig = await Rig.start({ ...polling, flags: [...polling.flags, "--cpus", "8"] });
    const inTime = await Promise.all(
      [{ timeoutMs: 2000 }, { softTimeoutMs: 2000 }, { timeoutMs: 2500, softTimeoutMs: 2000 }].map(
        (ask) => rig.submit(["sh", "-c", "sleep 0.5; exit 5"], ask),
      ),
    );
    const late = await rig.stage("ignore-sigterm", [], { timeoutMs: 1500 });
    const patient = await rig.hold("patient", { timeoutMs: 60_000 });
    for (const id of [...inTime, late, patient]) await rig.event("attempt.started", id);
    process.kill(rig.pid, "SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 3500));
    process.kill(rig.pid, "SIGCONT");
    for (const id of inTime) {
      expect(await rig.finished(id)).toMatchObject({ exitCode: 5, attempts: 1 });
    }
    expect(await rig.finished(late)).toMatchObject({ state: "failed", exitCode: 121 });
    const next = await rig.submit(["true"]);
    expect(await rig.finished(next)).toMatchObject({ state: "succeeded" });
    expect(await rig.call("run.get", { run: patient })).toMatchObject({ state: "running" });
    rig.release("patient");
    expect(await rig.finished(patient)).toMatchObject({ state: "succeeded", attempts: 1 });
    expect(existsSync(rig.socket)).toBe(true);
  });
});
