import { execFileSync } from "node:child_process";
import { globSync } from "node:fs";
import { userInfo } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { scopeName } from "../../daemon/systemd/unit-name.ts";
import { expectIntact } from "../integration/ledger.ts";
import type { Rig } from "../support/rig.ts";
import * as dag from "./support/dag.ts";
import * as box from "./support/user-systemd.ts";

const { causesOf, from, livesOf, stage, step, submitPlan, whenTold } = dag;

let rig: Rig;
beforeEach(async () => {
  rig = await box.systemdRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
  await box.sweep();
});

/** The end of every test: nothing is left of any attempt, neither in systemd nor in the books. */
async function expectNothingLeft(): Promise<void> {
  await expect.poll(box.attemptUnits).toStrictEqual([]);
  await rig.end("SIGTERM");
  expectIntact(rig);
}

describe("a daemon that is killed with a plan in flight", () => {
  test("what runs is adopted, what ended meanwhile is collected, what is done is not done again", async () => {
    const inputs = { done: from("done") };
    const leave = (name: string): string => `echo ${name} >"$BLUT_OUT/${name}"`;
    const joined = 'cat "$0"/* "$1"/*';
    const run = await submitPlan(
      rig,
      step(rig, "done", ["true"]),
      step(rig, "lives", whenTold(rig, "late", leave("lives")), { inputs }),
      step(rig, "ends", whenTold(rig, "early", leave("ends")), { inputs }),
      step(rig, "fails", whenTold(rig, "early", "exit 7"), { inputs }),
      step(rig, "waits", ["sh", "-c", joined, [{ input: "a" }], [{ input: "b" }]], {
        inputs: { a: from("lives"), b: from("ends") },
      }),
    );
    for (const name of ["lives", "ends", "fails"]) await rig.says(run, "holding", name);
    const [lives, ends, fails] = await Promise.all(
      ["lives", "ends", "fails"].map((name) => dag.attemptOf(rig, run, name)),
    );
    await rig.end("SIGKILL");
    rig.release("early");
    for (const id of [ends, fails]) if (id !== undefined) await box.emptied(id);
    await rig.boot();
    expect(await dag.attemptOf(rig, run, "lives")).toBe(lives);
    await rig.event("step.succeeded", run, "ends");
    await rig.crash();
    rig.release("late");
    const ended = await rig.finished(run);
    expect(ended.steps.map(({ name, state }) => [name, state])).toEqual([
      ["done", "succeeded"],
      ["lives", "succeeded"],
      ["ends", "succeeded"],
      ["fails", "failed"],
      ["waits", "succeeded"],
    ]);
    const once = ["succeeded"];
    expect(causesOf(ended)).toEqual({
      ...{ done: once, lives: once, ends: once, waits: once },
      fails: ["failed"],
    });
    expect(livesOf(rig)).toEqual({
      ...{ done: [1, 1], lives: [1, 1], ends: [1, 1], waits: [1, 1] },
      fails: [1, 0],
    });
    expect(await rig.output(run, "stdout", "waits")).toBe("lives\nends\n");
    await expectNothingLeft();
  });

  test("killed again and again while it collects: one artifact, and the step ran once", async () => {
    const artifacts = path.join(rig.stateDir, "artifacts");
    const kept = (): string[] => globSync(`${artifacts}/kept/*/*`);
    /** Kills the daemon as soon as there are so many of these, before there is an artifact. */
    const dieAt = async (pattern: string, many: number, begin: () => unknown): Promise<void> => {
      const look = setInterval(() => {
        if (globSync(`${artifacts}/${pattern}`).length < many) return;
        clearInterval(look);
        process.kill(rig.pid, "SIGKILL");
      }, 2);
      begin();
      await rig.ended();
      expect(kept()).toEqual([]);
    };
    const run = await submitPlan(
      rig,
      step(rig, "leaves", whenTold(rig, "leave", `${stage("leave-output")} 1500 8`)),
      step(rig, "reads", ["sh", "-c", 'ls "$0" | wc -l', [{ input: "all" }]], {
        inputs: { all: from("leaves") },
      }),
    );
    await rig.says(run, "holding", "leaves");
    await dieAt("tmp/*", 1, () => {
      rig.release("leave");
    });
    await dieAt("blobs/*", 100, () => rig.launch());
    await dieAt("tmp/*/*", 1, () => rig.launch());
    await rig.boot();
    const ended = await rig.finished(run);
    expect(causesOf(ended)).toEqual({ leaves: ["succeeded"], reads: ["succeeded"] });
    expect(livesOf(rig)).toEqual({ leaves: [1, 1], reads: [1, 1] });
    expect(await rig.output(run, "stdout", "reads")).toBe("1500\n");
    expect(kept()).toHaveLength(2);
    await expect.poll(() => globSync(`${artifacts}/{tmp,left-}*/*`)).toEqual([]);
    await expectNothingLeft();
  }, 180_000);
});

test("what has no room to be collected holds up nothing else, not even the start of the next daemon", async () => {
  const artifacts = path.join(rig.stateDir, "artifacts");
  const mount = (...words: string[]): void => {
    execFileSync("sudo", ["-n", ...words, artifacts]);
  };
  const { uid, gid } = userInfo();
  await rig.end("SIGTERM");
  const ours = `mode=700,uid=${String(uid)},gid=${String(gid)}`;
  mount("mount", "-t", "tmpfs", "-o", `size=1m,${ours}`, "tmpfs");
  try {
    await rig.boot();
    const large = await submitPlan(
      rig,
      step(rig, "large", whenTold(rig, "leave", `${stage("leave-output")} 1 4000`)),
    );
    await rig.says(large, "holding", "large");
    const attempt = await dag.attemptOf(rig, large, "large");
    await rig.end("SIGKILL");
    rig.release("leave");
    await box.emptied(attempt);
    await rig.boot();
    const small = await submitPlan(rig, step(rig, "small", ["true"]));
    expect(await rig.finished(small)).toMatchObject({ state: "succeeded" });
    expect(await rig.call("run.get", { run: large })).toMatchObject({ state: "running" });
    mount("mount", "-o", "remount,size=20m");
    expect(await rig.finished(large)).toMatchObject({ state: "succeeded", attempts: 1 });
    await expectNothingLeft();
  } finally {
    await rig.end("SIGKILL");
    mount("umount");
  }
});

describe("a step with checkpoints that is stopped goes on from the last", () => {
  const trains = (script: string) =>
    step(rig, "trains", ["sh", "-c", script, stage("save-checkpoints")]);

  test("its whole scope killed", async () => {
    const run = await submitPlan(rig, step(rig, "first", ["true"]), {
      ...trains('"$0" 5 3 release-never'),
      inputs: { x: from("first") },
    });
    await rig.says(run, "holding", "trains");
    await box.userSystemctl(
      ...["kill", "--signal=KILL", scopeName(await dag.attemptOf(rig, run, "trains"))],
    );
    const ended = await rig.finished(run);
    expect(causesOf(ended)).toEqual({
      first: ["succeeded"],
      trains: ["killed-from-outside", "succeeded"],
    });
    expect(await rig.output(run, "stdout", "trains")).toBe("from 3\n4\n5\ndone\n");
  });

  test("out of memory at its own limit, twice", async () => {
    const grow = stage("grow-memory");
    const run = await submitPlan(
      rig,
      trains(
        `"$0" 2; case "$BLUT_RESUME" in */step-5) ;; */step-2) "$0" 5; ${grow} 200;; *) ${grow} 100;; esac`,
      ),
    );
    const ended = await rig.finished(run);
    expect(causesOf(ended)).toEqual({ trains: ["out-of-memory", "out-of-memory", "succeeded"] });
    expect(await rig.output(run, "stdout", "trains")).toBe("from 5\ndone\n");
    const second = await rig.call("run.log", { run, step: "trains", attempt: 2, stream: "stdout" });
    expect(Buffer.from(second.base64, "base64").toString()).toMatch(/^from 2\ndone\nfrom 2\n3\n/);
  });

  test("cancelled, and its run retried: also when a daemon dies in between", async () => {
    const run = await submitPlan(rig, step(rig, "first", ["true"]), {
      ...trains('"$0" 5 3 release-never'),
      inputs: { x: from("first") },
    });
    await rig.says(run, "holding", "trains");
    await rig.call("run.cancel", { runs: [run] });
    expect((await rig.finished(run)).state).toBe("cancelled");
    const { runs } = await rig.call("run.retry", { runs: [run] });
    const again = runs[0]?.id ?? "";
    await rig.crash();
    const ended = await rig.finished(again);
    expect(ended.state, ended.sentence).toBe("succeeded");
    // The daemon may have died before its attempt was let go: then that one never ran, and is lost.
    const causes = causesOf(ended)["trains"] ?? [];
    expect(causes.filter((cause) => cause !== "lost")).toEqual(["succeeded"]);
    expect(await rig.output(again, "stdout", "trains")).toBe("from 3\n4\n5\ndone\n");
    expect(livesOf(rig)).toEqual({ first: [1, 1], trains: [2, 1] });
    await expectNothingLeft();
  });
});
