import { closeSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { afterReboot } from "../support/reboot.ts";
import { Rig } from "../support/rig.ts";
import { eventsOf, expectWhole, putSchedule } from "../support/schedules.ts";
import { polling } from "./ledger.ts";

const everySecond = 'every = "1s"\ncatch-up = { take = "all", count = 100 }\noverlap = "queue"\n';

test("fault 7: a disk that is full when it is time: nothing fires twice, nothing is lost, and it goes on by itself", async () => {
  await using rig = Rig.prepare(polling);
  putSchedule(rig, "tick", `${everySecond}command = ["true"]\n`);
  const mount =
    '(umask 077 && mkdir -p "$0") && mount -t tmpfs -o size=8m,mode=700 tmpfs "$0" && exec "$@"';
  const unshare = process.getuid?.() === 0 ? ["unshare", "-m"] : ["unshare", "-rm"];
  await rig.boot({ wrapper: [...unshare, "sh", "-c", mount, rig.stateDir] });
  await rig.call("daemon.pause", { reason: "the clock alone" });
  const fired = () => eventsOf(rig, "schedule.fired").length;
  await expect.poll(fired, { timeout: 30_000 }).toBeGreaterThan(1);
  const ballast = `/proc/${rig.pid}/root${path.join(rig.stateDir, "ballast")}`;
  const fd = openSync(ballast, "w");
  for (const bytes of [65536, 4096]) {
    expect(() => {
      for (;;) writeSync(fd, Buffer.alloc(bytes));
    }).toThrow("ENOSPC");
  }
  closeSync(fd);
  const health = async () => (await rig.call("daemon.status", {})).health.map(({ part }) => part);
  await expect.poll(health, { timeout: 30_000 }).toEqual(["storage"]);
  const before = fired();
  rmSync(ballast);
  await expect.poll(fired, { timeout: 60_000 }).toBeGreaterThan(before + 5);
  expect(await health()).toEqual([]);
  await expectWhole(rig, "tick");
}, 180_000);

test("fault 6: after a reboot what ran is lost and runs again, and no instant fires twice", async () => {
  await using rig = Rig.prepare(polling);
  const told = path.join(rig.directory, "go");
  const script = `until [ -e '${told}' ]; do sleep 0.1; done`;
  putSchedule(rig, "long", `cron = "@yearly"\ncommand = ["sh", "-c", ${JSON.stringify(script)}]\n`);
  putSchedule(rig, "tick", `${everySecond}command = ["true"]\n`);
  await rig.boot();
  await expect.poll(() => eventsOf(rig, "schedule.loaded").length).toBe(2);
  const { runId } = await rig.call("schedule.fire", { name: "long" });
  await rig.event("run.started", runId);
  await rig.event("schedule.fired");
  await rig.end("SIGKILL");
  await rig.boot(afterReboot(rig));
  const before = eventsOf(rig, "schedule.fired").length;
  await expect
    .poll(() => eventsOf(rig, "schedule.fired").length, { timeout: 30_000 })
    .toBeGreaterThan(before);
  writeFileSync(told, "");
  const run = await rig.finished(runId);
  expect(run.history.map(({ outcome }) => outcome?.cause)).toEqual(["lost", "succeeded"]);
  const outcome = async () => (await rig.call("schedule.get", { name: "long" })).history[0]?.state;
  await expect.poll(outcome).toBe("succeeded");
  await rig.call("schedule.disable", { name: "tick" });
  const { history } = await rig.call("schedule.get", { name: "tick", history: 1000 });
  const runs = history.flatMap((tick) => tick.runId ?? []);
  expect(new Set(runs).size).toBe(runs.length);
}, 120_000);

test("fault 30: failures count across kill -9: a pause stays, and a run that failed unseen counts", async () => {
  await using rig = Rig.prepare(polling);
  const told = path.join(rig.directory, "fail");
  const script = `until [ -e '${told}' ]; do sleep 0.1; done; exit 3`;
  const rules = "on-failure = { pause-after = 2 }";
  putSchedule(
    rig,
    "bad",
    `cron = "@yearly"\n${rules}\ncommand = ["sh", "-c", ${JSON.stringify(script)}]\n`,
  );
  await rig.boot();
  await rig.event("schedule.loaded");
  const { runId } = await rig.call("schedule.fire", { name: "bad" });
  await rig.event("run.started", runId);
  await rig.end("SIGKILL");
  writeFileSync(told, "");
  await rig.boot();
  expect(await rig.finished(runId)).toMatchObject({ state: "failed", exitCode: 3 });
  const failures = async () => (await rig.call("schedule.get", { name: "bad" })).failures;
  await expect.poll(failures).toBe(1);
  await rig.finished((await rig.call("schedule.fire", { name: "bad" })).runId);
  await rig.event("schedule.paused");
  await rig.crash();
  expect(await rig.call("schedule.get", { name: "bad" })).toMatchObject({
    state: "paused",
    failures: 2,
  });
  expect((await rig.call("daemon.status", {})).schedules).toMatchObject({ on: 0, paused: 1 });
  expect(eventsOf(rig, "schedule.paused")).toHaveLength(1);
}, 120_000);

test("a file that is broken keeps its last good version through restarts, and is told of once", async () => {
  await using rig = Rig.prepare(polling);
  putSchedule(rig, "nightly", 'cron = "@daily"\ncommand = ["true"]\n');
  await rig.boot();
  await rig.event("schedule.loaded");
  putSchedule(rig, "nightly", 'cron = "@daily"\ncommand = [\n');
  await rig.event("schedule.broken");
  for (let round = 0; round < 2; round++) {
    await rig.crash();
    const shown = await rig.call("schedule.get", { name: "nightly" });
    expect(shown).toMatchObject({ when: "@daily", state: "on", work: "true" });
    expect(shown.problems).toHaveLength(1);
    expect(shown.nextAt).toBeGreaterThan(Date.now());
  }
  expect(eventsOf(rig, "schedule.broken")).toHaveLength(1);
  // Broken while nobody looked, and mended while nobody looked.
  await rig.end("SIGKILL");
  putSchedule(rig, "nightly", 'cron = "@hourly"\ncommand = ["true"]\n');
  await rig.boot();
  expect(await rig.call("schedule.get", { name: "nightly" })).toMatchObject({ when: "@hourly" });
  expect((await rig.call("schedule.get", { name: "nightly" })).problems).toEqual([]);
}, 120_000);
