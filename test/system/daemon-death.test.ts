import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AttemptId } from "../../daemon/domain/ids.ts";
import { recallShim } from "../../daemon/launcher/process-record.ts";
import { expectIntact, expectOneLifeEach, ledgerStage } from "../integration/ledger.ts";
import { injectInto } from "../integration/strace.ts";
import { Rig, stages } from "../support/rig.ts";
import * as box from "./support/user-systemd.ts";

const { emptied, mib } = box;
let rig: Rig;
beforeEach(async () => {
  rig = await box.systemdRig({ env: { BLUT_RETRY_LOST: "20" } });
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
  await box.sweep();
});

/** A script that is told to go on by the file `go-NAME`, which `rig.release` makes. */
function whenTold(name: string, script: string): readonly [string, ...string[]] {
  return ["sh", "-c", `${stages}/hold-until-told '${rig.directory}/release-${name}'; ${script}`];
}

async function attemptOf(id: string): Promise<AttemptId> {
  return (await rig.event("attempt.started", id)).attemptId as AttemptId;
}

/** SIGKILL to the shim of an attempt, which systemd knows nothing of. */
async function killShim(id: string): Promise<void> {
  const { history } = await rig.call("run.get", { run: id });
  const shim = recallShim(history.at(-1)?.directory ?? "");
  process.kill(shim?.pid ?? 0, "SIGKILL");
}

describe("a daemon that dies", () => {
  test("fault 4: what ends while it is away has its exit code, signal, cause and peak", async () => {
    const ask = { calibrateAs: "grown-alone" };
    const scripts = {
      zero: "exit 0",
      seven: "exit 7",
      segv: "kill -SEGV $$",
      oom: `exec ${stages}/grow-memory 100`,
    };
    const ids: Record<string, string> = {};
    for (const [name, script] of Object.entries(scripts)) {
      ids[name] = await rig.submit(whenTold("all", script), name === "oom" ? ask : {});
    }
    const { zero = "", seven = "", segv = "", oom = "" } = ids;
    for (const id of Object.values(ids)) await rig.says(id, "holding");
    const attempts = await Promise.all(Object.values(ids).map(attemptOf));
    await rig.end("SIGKILL");
    rig.release("all");
    await Promise.all(attempts.map(emptied));
    await rig.boot();
    expect(await rig.finished(zero)).toMatchObject({ state: "succeeded", exitCode: 0 });
    expect(await rig.finished(seven)).toMatchObject({ state: "failed", exitCode: 7, attempts: 1 });
    expect(await rig.finished(segv)).toMatchObject({ state: "failed", exitCode: 139, attempts: 1 });
    const killed = (await rig.finished(oom)).history;
    expect(killed[0]?.outcome).toStrictEqual({ cause: "out-of-memory", limitBytes: 64 * mib });
    expect(killed[1]).toMatchObject({ limitBytes: 128 * mib, outcome: { cause: "succeeded" } });
    for (const id of [zero, seven, segv]) {
      const { history } = await rig.call("run.get", { run: id });
      expect(history[0]?.peakTotalBytes).toBeGreaterThan(mib);
    }
    await expect.poll(box.attemptUnits).toStrictEqual([]);
  });

  test("P5 P6: adopted work is not disturbed, keeps its deadline, its peak and what it writes", async () => {
    const script = `${stages}/spike-then-free 100; ${stages}/hold-until-told '${rig.directory}/release-spike'`;
    const ask = { memory: { firstBytes: 160 * mib }, calibrateAs: "adopted" };
    const spike = await rig.submit(["sh", "-c", script], ask);
    const late = await rig.stage("ignore-sigterm", [], { timeoutMs: 3_000 });
    await rig.says(spike, "holding");
    await rig.says(late, "deaf");
    const { startedAt = 0 } = await rig.call("run.get", { run: late });
    await rig.crash();
    await rig.crash();
    expect(await rig.finished(late)).toMatchObject({ state: "failed", exitCode: 121, attempts: 1 });
    const { at } = await rig.event("attempt.stopping", late);
    expect(at - startedAt).toBeGreaterThanOrEqual(2_900);
    // A deadline that began anew with the last daemon would come three seconds after it.
    const lastStart = rig.events.findLast(({ kind }) => kind === "daemon.started");
    expect(at - (lastStart?.at ?? 0)).toBeLessThan(2_700);
    rig.release("spike");
    expect(await rig.finished(spike)).toMatchObject({ state: "succeeded", attempts: 1 });
    expect(
      (await rig.call("calibration.get", { key: "adopted" })).cleanPeak?.bytes,
    ).toBeGreaterThan(100 * mib);
  });

  test("P6: a hard deadline holds even while no daemon lives", async () => {
    const id = await rig.stage("ignore-sigterm", [], { timeoutMs: 500 });
    const attemptId = await attemptOf(id);
    await rig.end("SIGKILL");
    await emptied(attemptId);
    await rig.boot();
    const run = await rig.finished(id);
    expect(run).toMatchObject({ state: "failed", exitCode: 121, attempts: 1 });
    expect(run.history[0]?.outcome).toStrictEqual({ cause: "timed-out", which: "hard" });
  });

  test("fault 5: the shim killed: the rest is ended too, never a success, and it runs again", async () => {
    const id = await rig.submit(["sh", "-c", `echo $$ >> '${rig.directory}/pids'; sleep 1000`]);
    const first = await attemptOf(id);
    await killShim(id);
    await emptied(first);
    await rig.event("attempt.ended", id);
    const { history } = await rig.call("run.get", { run: id });
    expect(history[0]?.outcome).toStrictEqual({ cause: "killed-from-outside", by: "stranger" });
    await rig.call("run.cancel", { runs: [id], now: true });
    expect(await rig.finished(id)).toMatchObject({ state: "cancelled" });
  });

  test("fault 5: the shim and the daemon killed together: the same, told by the next daemon", async () => {
    const id = await rig.submit(["sh", "-c", "exec sleep 1000"]);
    const first = await attemptOf(id);
    await killShim(id);
    await rig.end("SIGKILL");
    await rig.boot();
    await emptied(first);
    await rig.event("attempt.ended", id);
    const { history } = await rig.call("run.get", { run: id });
    expect(history[0]?.outcome).toStrictEqual({ cause: "killed-from-outside", by: "stranger" });
    await rig.call("run.cancel", { runs: [id], now: true });
    expect(await rig.finished(id)).toMatchObject({ state: "cancelled" });
  });

  test("fault 12: a second daemon on the same state refuses with 75 and touches nothing", async () => {
    const holder = await rig.hold("one");
    await rig.event("attempt.started", holder);
    const twin = Rig.prepare({ ...box.systemdOptions(), directory: rig.directory });
    expect(await Promise.all([twin.launch(), twin.launch(), twin.launch()])).toStrictEqual([
      75, 75, 75,
    ]);
    expect(await rig.call("daemon.status", {})).toMatchObject({ pid: rig.pid });
    rig.release("one");
    expect(await rig.finished(holder)).toMatchObject({ state: "succeeded", attempts: 1 });
  });

  test("fault 30: stopped for seconds: what ended meanwhile ended well, no deadline fires early", async () => {
    const long = await rig.hold("long", { timeoutMs: 60_000 });
    const short = await rig.submit(["sleep", "1"], { timeoutMs: 60_000 });
    await rig.says(long, "holding");
    const attemptId = await attemptOf(short);
    process.kill(rig.pid, "SIGSTOP");
    await emptied(attemptId);
    // Longer than a sample of the box is good for.
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    process.kill(rig.pid, "SIGCONT");
    const next = await rig.submit(["true"]);
    for (const id of [short, next]) {
      expect(await rig.finished(id)).toMatchObject({ state: "succeeded", attempts: 1 });
    }
    rig.release("long");
    expect(await rig.finished(long)).toMatchObject({ state: "succeeded", attempts: 1 });
    expect(rig.events.filter(({ kind }) => kind === "attempt.stopping")).toStrictEqual([]);
  });
});

describe("a daemon that is killed at any moment", () => {
  /** A submit during which the daemon may die; answers the id when it was acknowledged. */
  async function submitOne(): Promise<string | undefined> {
    const ask = { argv: ledgerStage(rig, 0.1, 9), cwd: "/", env: { PATH: "/usr/bin:/bin" } };
    const answer = await rig.connection.call("run.submit", ask);
    return answer.ok ? answer.value.id : undefined;
  }

  async function expectAllWell(acknowledged: readonly string[], when: string): Promise<void> {
    for (const id of acknowledged) {
      expect(await rig.finished(id), `${id}, ${when}`).toMatchObject({ exitCode: 9 });
    }
    await rig.call("run.wait", { runs: ["all"], waitMs: 60_000 });
    expectOneLifeEach(rig);
    await expect.poll(box.attemptUnits, { timeout: 20_000 }).toStrictEqual([]);
    await rig.end("SIGTERM");
    expectIntact(rig);
  }

  test("fault 3: beside every few of the calls that write, send or spawn: one life, one end", async () => {
    const calls = "pwrite64,write,writev,fdatasync,fsync,clone,clone3,vfork,rename,unlink,mkdir";
    const acknowledged: string[] = [];
    for (const nth of [1, 5, 10, 16, 23, 31, 40, 50, 65, 80, 100, 125, 160]) {
      const letGo = await injectInto(rig.pid, calls, `signal=KILL:when=${nth}`);
      const id = await submitOne();
      if (id !== undefined) acknowledged.push(id);
      const death = rig.ended().then(() => "dead");
      const end = id === undefined ? death : rig.event("run.failed", id);
      const isDead = (await Promise.race([death, end])) === "dead";
      await letGo();
      if (isDead) await rig.boot();
    }
    await expectAllWell(acknowledged, "killed at a chosen call");
  });

  test("and one that is told to stop costs no try: what it was starting has begun", async () => {
    const ids: string[] = [];
    for (let round = 0; round < 8; round++) {
      for (let n = 0; n < 6; n++) {
        const id = await submitOne();
        if (id !== undefined) ids.push(id);
      }
      await rig.end("SIGTERM");
      await rig.boot();
    }
    for (const id of ids) {
      await rig.finished(id);
      const { history } = await rig.call("run.get", { run: id });
      expect(
        history.map(({ number }) => number),
        id,
      ).toEqual([1]);
    }
    await expectAllWell(ids, "stopped while it started");
  });

  test("fault 1: at random moments under load: what was acknowledged ends, each in one life", async () => {
    const seed = Number(process.env["BLUT_TEST_SEED"] ?? Date.now() % 2 ** 31);
    process.stderr.write(`fault 1: BLUT_TEST_SEED=${seed}\n`);
    let state = seed;
    const random = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    const acknowledged: string[] = [];
    for (let round = 0; round < 8; round++) {
      const afterMs = 20 + random() * 900;
      const dies = new Promise((resolve) => setTimeout(resolve, afterMs)).then(() =>
        rig.end("SIGKILL"),
      );
      for (let n = 0; n < 8; n++) {
        const id = await submitOne();
        if (id !== undefined) acknowledged.push(id);
      }
      await dies;
      await rig.boot();
    }
    await expectAllWell(acknowledged, `seed ${seed}`);
  });
});
