import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import { attemptFiles } from "../../daemon/launcher/attempt-files.ts";
import { recallShim } from "../../daemon/launcher/process-record.ts";
import { readProcess, readProcessTable } from "../../daemon/launcher/process-table.ts";
import { ProcessTree } from "../../daemon/launcher/process-tree.ts";
import { afterReboot } from "../support/reboot.ts";
import { Rig } from "../support/rig.ts";
import { expectIntact, polling } from "./ledger.ts";

const kill9 = (pid: number): boolean => process.kill(pid, "SIGKILL");

/** Where a run's newest attempt leaves its files. */
async function directoryOf(rig: Rig, id: string): Promise<string> {
  const run = await rig.call("run.get", { run: id });
  return run.history.at(-1)?.directory ?? "";
}

function shimOf(directory: string): number {
  const shim = recallShim(directory);
  if (shim === undefined) throw new Error(`no shim is remembered in ${directory}`);
  return shim.pid;
}

test("fault 4: what ends while the daemon is down is recorded as it ended", async () => {
  await using rig = await Rig.start({ ...polling, env: { ...polling.env, BLUT_RETRY_LOST: "0" } });
  const go = path.join(rig.directory, "go");
  const ends = [
    { end: "exit 0", state: "succeeded", exitCode: 0 },
    { end: "exit 7", state: "failed", exitCode: 7 },
    { end: "exit 255", state: "failed", exitCode: 255 },
    { end: "kill -SEGV $$", state: "failed", exitCode: 139 },
    { end: "kill -KILL $$", state: "failed", exitCode: 137 },
  ] as const;
  const expected = new Map<string, (typeof ends)[number]>();
  for (let n = 0; n < 20; n++) {
    const end = ends[n % ends.length] ?? ends[0];
    const script = `until [ -e ${go} ]; do sleep 0.05; done; echo done; ${end.end}`;
    expected.set(await rig.submit(["sh", "-c", script]), end);
  }
  const ids = [...expected.keys()];
  await Promise.all(ids.map((id) => rig.event("attempt.started", id)));
  const directories = await Promise.all(ids.map((id) => directoryOf(rig, id)));
  await rig.end("SIGKILL");
  writeFileSync(go, "");
  const endedAt = Date.now();
  for (const directory of directories) {
    await vi.waitUntil(() => existsSync(attemptFiles(directory).result), 10_000);
  }
  await rig.boot();
  for (const [id, { state, exitCode }] of expected) {
    expect(await rig.finished(id)).toMatchObject({ state, exitCode, attempts: 1 });
    expect(await rig.output(id)).toBe("done\n");
    expect((await rig.event("attempt.ended", id)).at).toBeGreaterThanOrEqual(endedAt);
  }
});

test("fault 4, fault 34: what outgrew its limit while the daemon was down is its own limit's kill", async () => {
  await using rig = await Rig.start(polling);
  const go = path.join(rig.directory, "go");
  const grow = `import os,time
while not os.path.exists(${JSON.stringify(go)}): time.sleep(0.02)
held = bytearray(b"1" * (64 << 20))
print("grown", flush=True)
time.sleep(1000)`;
  const id = await rig.submit(["python3", "-c", grow], { oomRetries: 0 });
  await rig.event("attempt.started", id);
  const log = attemptFiles(await directoryOf(rig, id)).log("stdout");
  await rig.end("SIGKILL");
  writeFileSync(go, "");
  await vi.waitUntil(() => readFileSync(log, "utf8") === "grown\n", 10_000);
  await rig.boot();
  const run = await rig.finished(id);
  expect(run).toMatchObject({ state: "failed", exitCode: 120 });
  expect(run.history[0]?.outcome?.cause).toBe("out-of-memory");
});

describe("fault 5: the shim is killed", () => {
  const noRetry = { ...polling, env: { ...polling.env, BLUT_RETRY_LOST: "0" } };
  const script = "echo up; sleep 0.4; exit 0";

  test.each(["alone", "together with the daemon", "while the daemon is down"])(
    "%s: never a success, and nothing of it stays",
    async (when) => {
      await using rig = await Rig.start(noRetry);
      const id = await rig.submit(["sh", "-c", script]);
      await rig.says(id, "up");
      const directory = await directoryOf(rig, id);
      const shim = recallShim(directory) ?? { pid: 0, startTicks: 0 };
      if (when !== "alone") await rig.end("SIGKILL");
      kill9(shimOf(directory));
      if (when === "while the daemon is down") {
        const isGone = () => new ProcessTree(shim).look(readProcessTable()).length === 0;
        await vi.waitUntil(isGone, 10_000);
      }
      if (when !== "alone") await rig.boot();
      const run = await rig.finished(id);
      expect(run).toMatchObject({ state: "failed", exitCode: 137 });
      expect(["killed-from-outside", "lost"]).toContain(run.history[0]?.outcome?.cause);
      expect(new ProcessTree(shim).look(readProcessTable())).toStrictEqual([]);
    },
  );

  test("and the command's own record of success, forged, is not believed for another attempt", async () => {
    await using rig = await Rig.start(noRetry);
    const id = await rig.submit(["sh", "-c", "echo up; exec sleep 1000"]);
    await rig.says(id, "up");
    const directory = await directoryOf(rig, id);
    const record = { kind: "exited", status: 0, attempt: "att_000000000000" };
    writeFileSync(attemptFiles(directory).result, JSON.stringify(record));
    kill9(shimOf(directory));
    expect(await rig.finished(id)).toMatchObject({ state: "failed", exitCode: 137 });
  });
});

describe("fault 6: after a reboot", () => {
  test("every live attempt is lost and tried again, and no old number is signalled", async () => {
    await using rig = await Rig.start(polling);
    const script = 'echo up; [ -e "$0" ] && exit 0; : >"$0"; exec sleep 1000';
    const ids: string[] = [];
    for (const name of ["one", "two"]) {
      ids.push(await rig.submit(["sh", "-c", script, path.join(rig.directory, name)]));
    }
    await Promise.all(ids.map((id) => rig.says(id, "up")));
    const old = await Promise.all(ids.map(async (id) => shimOf(await directoryOf(rig, id))));
    await rig.crash(afterReboot(rig));
    for (const id of ids) {
      const run = await rig.finished(id);
      expect(run).toMatchObject({ state: "succeeded", attempts: 2 });
      expect(run.history[0]?.outcome).toStrictEqual({
        cause: "lost",
        why: "the machine was restarted while it ran",
      });
    }
    for (const pid of old) expect(readProcess(pid)?.state).toMatch(/[SR]/);
  });

  test("on a copy of the database and its WAL as they were at one moment of load, nothing is missing", async () => {
    await using rig = await Rig.start(polling);
    const ids: string[] = [];
    const load = Array.from({ length: 60 }, async () => {
      const answer = await rig.connection.call("run.submit", {
        argv: ["true"],
        cwd: "/",
        env: { PATH: "/usr/bin:/bin" },
      });
      if (answer.ok) ids.push(answer.value.id);
    });
    await Promise.race(load);
    process.kill(rig.pid, "SIGSTOP");
    const acknowledged = [...ids];
    await using copy = Rig.prepare(polling);
    mkdirSync(copy.stateDir, { mode: 0o700 });
    for (const suffix of ["", "-wal"]) copyFileSync(rig.database + suffix, copy.database + suffix);
    process.kill(rig.pid, "SIGCONT");
    await rig.end("SIGKILL");
    await copy.boot(afterReboot(copy));
    expect(acknowledged.length).toBeGreaterThan(0);
    for (const id of acknowledged) {
      expect((await copy.finished(id)).state).toBe("succeeded");
    }
    await copy.call("run.wait", { runs: ["all"], waitMs: 30_000 });
    await copy.end("SIGTERM");
    expectIntact(copy);
  });
});
