import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ok } from "../../../daemon/domain/result.ts";
import { DaemonRig } from "./daemon-rig.ts";

it("a schedule that could start nothing needs somebody until it could, or is gone", async () => {
  const rig = await DaemonRig.serving();
  const { timers } = rig.context;
  const schedules = join(rig.directory, "schedules");
  mkdirSync(schedules, { recursive: true });
  for (const name of ["gone", "there"]) {
    writeFileSync(join(schedules, `${name}.toml`), 'cron = "@yearly"\nrecipe = "nope"\n');
  }
  timers.start();
  for (const name of ["gone", "there"]) {
    const { error } = await rig.ask("schedule.fire", { name });
    expect(error?.message).toContain("no recipe is called nope");
  }
  const needYou = async () => (await rig.call("report.get", { sinceAt: 0 })).needYou;
  expect(await needYou()).toBe(2);
  rmSync(join(schedules, "gone.toml"));
  writeFileSync(join(schedules, "there.toml"), 'cron = "@yearly"\ncommand = ["true"]\n');
  await timers.reload();
  expect(await needYou()).toBe(1);
  await rig.call("schedule.fire", { name: "there" });
  expect(await needYou()).toBe(0);
});

it("a schedule that failures have paused needs somebody until it is off or gone", async () => {
  const rig = await DaemonRig.serving();
  const { store, timers } = rig.context;
  const schedules = join(rig.directory, "schedules");
  mkdirSync(schedules, { recursive: true });
  const names = ["edited", "kept", "removed"];
  const put = (name: string, more = "") => {
    const text = `${more}cron = "@yearly"\ncommand = ["true"]\n`;
    writeFileSync(join(schedules, `${name}.toml`), text);
  };
  for (const name of names) put(name);
  const since = Date.now();
  await store.write(() => {
    const paused = { handledAt: since, failures: 3, retries: 0, pausedAt: since - 1 };
    for (const name of names) store.schedules.put({ name, ...paused });
    return ok(undefined);
  });
  timers.start();
  const told = async () => {
    const { paused, needYou } = await rig.call("report.get", { sinceAt: 0 });
    return [paused.map(({ name }) => name), needYou];
  };
  expect(await told()).toEqual([names, names.length]);
  put("edited", "enabled = false\n");
  rmSync(join(schedules, "removed.toml"));
  await timers.reload();
  expect(await told()).toEqual([["kept"], 1]);
  await rig.call("schedule.enable", { name: "kept" });
  expect(await told()).toEqual([[], 0]);
});
