import path from "node:path";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { Rig } from "../support/rig.ts";
import { polling } from "./ledger.ts";

/** Rewrites the stored plan of a run: the daemon trusts it, so this is as good as a bug of its own. */
function damagePlan(rig: Rig, id: string, damage: (plan: string) => string): void {
  const database = new Database(rig.database);
  const plan = database
    .prepare<[string], string>(
      "SELECT plan_json FROM runs JOIN plans ON digest = plan_digest WHERE id = ?",
    )
    .pluck()
    .get(id);
  database
    .prepare(
      "UPDATE plans SET plan_json = ? WHERE digest = (SELECT plan_digest FROM runs WHERE id = ?)",
    )
    .run(damage(plan ?? ""), id);
  database.close();
}

const noSteps = (): string => '{"version":1,"steps":null}';
const noArguments = (plan: string): string => plan.replace(/"argv":\[.*?\]/, '"argv":null');

describe("fault 42: a bug", () => {
  test("in a method is answered with an incident that the log has, and the others are served", async () => {
    await using rig = await Rig.start(polling);
    const id = await rig.submit(["true"]);
    await rig.finished(id);
    damagePlan(rig, id, noSteps);
    // One that has read the plan keeps it.
    await rig.crash();
    const refusal = await rig.refusal("run.get", { run: id });
    expect(refusal.message).toMatch(/internal|incident/i);
    const incident = /inc_[0-9a-f]+/.exec(JSON.stringify(refusal))?.[0] ?? "none";
    await expect.poll(() => JSON.stringify(rig.log)).toContain(incident);
    expect(await rig.call("daemon.doctor", {})).toHaveProperty("findings");
    const next = await rig.submit(["echo", "next"]);
    expect(await rig.finished(next)).toMatchObject({ state: "succeeded" });
  });

  test.each([
    ["when it is looked at in the queue", noSteps],
    ["when it is launched", noArguments],
  ])(
    "that a run provokes %s ends that run, with its cause, and nothing else",
    async (_when, damage) => {
      await using rig = await Rig.start(polling);
      await rig.call("daemon.pause", {});
      const poison = await rig.submit(["echo", "poison"]);
      const good = await rig.submit(["echo", "good"]);
      damagePlan(rig, poison, damage);
      await rig.crash();
      await rig.call("daemon.resume", {});
      const { runs } = await rig.call("run.wait", { runs: [poison, good], waitMs: 15_000 });
      expect(runs.map(({ state, exitCode }) => [state, exitCode])).toStrictEqual([
        ["failed", 127],
        ["succeeded", 0],
      ]);
      await expect.poll(() => JSON.stringify(rig.log)).toMatch(/could-not-start/);
      await rig.crash();
      expect((await rig.call("run.wait", { runs: [poison] })).done).toBe(true);
    },
  );

  test("that a live run provokes when it is adopted does not keep the daemon from starting", async () => {
    await using rig = await Rig.start(polling);
    const poison = await rig.submit(["sh", "-c", "echo up; exec sleep 1000"]);
    await rig.says(poison, "up");
    await rig.end("SIGKILL");
    damagePlan(rig, poison, noSteps);
    await rig.boot();
    const { runs } = await rig.call("run.wait", { runs: [poison], waitMs: 15_000 });
    expect(runs[0]).toMatchObject({ state: "failed", exitCode: 137 });
    const next = await rig.submit(["true"]);
    expect(await rig.finished(next)).toMatchObject({ state: "succeeded" });
  });
});

test("fault 42: what nobody expected is logged, ends the daemon with 70, and the next one takes over", async () => {
  await using rig = Rig.prepare(polling);
  const thrower = path.join(import.meta.dirname, "throw-when-told.ts");
  await rig.boot({ env: { ...polling.env, NODE_OPTIONS: `--import=${thrower}` } });
  const id = await rig.hold("over");
  await rig.says(id, "holding");
  process.kill(rig.pid, "SIGUSR2");
  expect(await rig.ended()).toBe(70);
  expect(rig.log.at(-1)).toMatchObject({ level: 60, event: "uncaughtException" });
  await rig.boot();
  rig.release("over");
  expect(await rig.finished(id)).toMatchObject({ state: "succeeded", attempts: 1 });
});
