import { expect, test } from "vitest";
import { Rig } from "../support/rig.ts";
import { systemdOptions } from "./support/user-systemd.ts";

test("work that a daemon without systemd started is taken over by one with it, and never begun twice", async () => {
  const options = systemdOptions();
  await using rig = await Rig.start({ ...options, containment: "polling" });
  const id = await rig.hold("switch");
  await rig.event("attempt.started", id);
  await rig.crash({ ...options, containment: "systemd" });
  expect(await rig.call("run.get", { run: id })).toMatchObject({ state: "running", attempts: 1 });
  rig.release("switch");
  expect(await rig.finished(id)).toMatchObject({ state: "succeeded", attempts: 1 });
});

test("and the other way round", async () => {
  const options = systemdOptions();
  await using rig = await Rig.start(options);
  const id = await rig.hold("back");
  await rig.event("attempt.started", id);
  await rig.crash({ ...options, containment: "polling" });
  rig.release("back");
  expect(await rig.finished(id)).toMatchObject({ state: "succeeded", attempts: 1 });
});
