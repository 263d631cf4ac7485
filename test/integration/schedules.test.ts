import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { Rig } from "../support/rig.ts";
import { eventsOf, expectWhole, putSchedule } from "../support/schedules.ts";
import { polling } from "./ledger.ts";

test("fault 30: what fires each second fires once an instant, across kill -9 at any time", async () => {
  await using rig = Rig.prepare(polling);
  putSchedule(
    rig,
    "tick",
    'every = "1s"\ncommand = ["true"]\ncatch-up = { take = "all", count = 100 }\n',
  );
  await rig.boot();
  for (let round = 0; round < 4; round++) {
    const before = eventsOf(rig, "schedule.fired").length;
    await expect
      .poll(() => eventsOf(rig, "schedule.fired").length, { timeout: 20_000 })
      .toBeGreaterThan(before + 1);
    await rig.end("SIGKILL");
    await rig.boot();
  }
  await expectWhole(rig, "tick");
});

test("a file is read anew when it changes; a broken one keeps the last good version and is told once", async () => {
  await using rig = await Rig.start(polling);
  putSchedule(rig, "nightly", 'cron = "@daily"\ncommand = ["true"]\n');
  await rig.event("schedule.loaded");
  putSchedule(rig, "nightly", 'cron = "61 * * * *"\ncommand = ["true"]\n');
  await rig.event("schedule.broken");
  const shown = await rig.call("schedule.get", { name: "nightly" });
  expect(shown).toMatchObject({ when: "@daily", problems: [{ field: "cron", line: 1 }] });
  const checked = await rig.call("schedule.check", {});
  expect(checked.files).toMatchObject([{ problems: [{ field: "cron" }] }]);
  putSchedule(rig, "other", 'every = "1h"\ncommand = ["true"]\n');
  await expect.poll(() => eventsOf(rig, "schedule.loaded").length).toBe(2);
  rmSync(path.join(rig.directory, "schedules", "nightly.toml"));
  await rig.event("schedule.removed");
  expect(eventsOf(rig, "schedule.broken")).toHaveLength(1);
  const { schedules } = await rig.call("schedule.list", {});
  expect(schedules.map(({ name }) => name)).toEqual(["other"]);
});

test("a recipe or a plan that is not there is told by check, not first by the clock", async () => {
  await using rig = await Rig.start(polling);
  const file = path.join(rig.directory, "x.toml");
  const problems = async (text: string) => {
    const { files } = await rig.call("schedule.check", { file, text: `every = "1h"\n${text}` });
    return files[0]?.problems;
  };
  expect(await problems('recipe = "nosuch"')).toMatchObject([
    { field: "recipe", message: expect.stringContaining("no recipe is called nosuch") as string },
  ]);
  expect(await problems('plan = "/nowhere.json"')).toMatchObject([
    { field: "plan", message: expect.stringContaining("cannot be read: ENOENT") as string },
  ]);
  putSchedule(rig, "nightly", 'every = "1h"\nrecipe = "nosuch"\n');
  await rig.event("schedule.loaded");
  const { files } = await rig.call("schedule.check", {});
  expect(files).toMatchObject([{ problems: [{ field: "recipe" }] }]);
});

test("a file that a link leads to is read anew when the daemon is told to reload", async () => {
  await using rig = Rig.prepare(polling);
  putSchedule(rig, "linked", "");
  const place = path.join(rig.directory, "schedules", "linked.toml");
  const target = path.join(rig.directory, "elsewhere.toml");
  writeFileSync(target, 'cron = "@daily"\ncommand = ["true"]\n');
  rmSync(place);
  symlinkSync(target, place);
  await rig.boot();
  await rig.event("schedule.loaded");
  writeFileSync(target, 'cron = "@hourly"\ncommand = ["true"]\n');
  await rig.call("daemon.reload", {});
  expect(await rig.call("schedule.get", { name: "linked" })).toMatchObject({ when: "@hourly" });
});

test("overlap: skip leaves out, queue waits, replace ends what went before", async () => {
  await using rig = Rig.prepare(polling);
  for (const overlap of ["skip", "queue", "replace"]) {
    const text = `cron = "@yearly"\ncommand = ["sleep", "1000"]\noverlap = "${overlap}"\n`;
    putSchedule(rig, overlap, text);
  }
  await rig.boot();
  await expect.poll(() => eventsOf(rig, "schedule.loaded").length).toBe(3);
  const fire = async (name: string): Promise<string> => {
    const { runId } = await rig.call("schedule.fire", { name });
    return runId;
  };
  const skipped = await fire("skip");
  await rig.event("run.started", skipped);
  expect(await rig.refusal("schedule.fire", { name: "skip" })).toMatchObject({
    reason: "wrong-state",
  });
  const first = await fire("queue");
  await rig.event("run.started", first);
  const second = await fire("queue");
  expect(await rig.call("run.get", { run: second })).toMatchObject({ state: "queued" });
  const old = await fire("replace");
  await rig.event("run.started", old);
  const fresh = await fire("replace");
  await rig.event("run.cancelled", old);
  await rig.event("run.started", fresh);
  const { history } = await rig.call("schedule.get", { name: "replace" });
  expect(history.map(({ state }) => state)).toEqual(["fired", "cancelled"]);
});

test("overlap: what cannot be queued replaces nothing", async () => {
  await using rig = Rig.prepare(polling);
  const text = 'cron = "@yearly"\noverlap = "replace"\n';
  const told = path.join(rig.directory, "go");
  const script = `until [ -e '${told}' ]; do sleep 0.1; done`;
  putSchedule(rig, "long", `${text}command = ["sh", "-c", ${JSON.stringify(script)}]\n`);
  await rig.boot();
  await rig.event("schedule.loaded");
  const { runId } = await rig.call("schedule.fire", { name: "long" });
  await rig.event("run.started", runId);
  putSchedule(rig, "long", `${text}command = ["/nowhere/program"]\n`);
  await expect.poll(() => eventsOf(rig, "schedule.loaded").length).toBe(2);
  expect(await rig.refusal("schedule.fire", { name: "long" })).toMatchObject({
    message: expect.stringContaining("/nowhere/program") as string,
  });
  // Whatever asks a run to end has done so by the time of the answer.
  writeFileSync(told, "");
  expect(await rig.finished(runId)).toMatchObject({ state: "succeeded" });
});

test("failures in a row pause a schedule until it is enabled; before that it tries once more", async () => {
  await using rig = Rig.prepare(polling);
  putSchedule(
    rig,
    "bad",
    'cron = "@yearly"\ncommand = ["false"]\non-failure = { retry-after = "1s", pause-after = 2 }\n',
  );
  await rig.boot();
  await rig.event("schedule.loaded");
  await rig.call("schedule.fire", { name: "bad" });
  await rig.event("schedule.paused");
  const paused = await rig.call("schedule.get", { name: "bad" });
  expect(paused).toMatchObject({ state: "paused", failures: 2 });
  expect(paused.history.map(({ cause, state }) => [cause, state])).toEqual([
    ["retry", "failed"],
    ["person", "failed"],
  ]);
  expect(await rig.call("schedule.enable", { name: "bad" })).toMatchObject({ state: "on" });
  expect(await rig.call("schedule.disable", { name: "bad" })).toMatchObject({ state: "off" });
  await rig.end("SIGKILL");
  await rig.boot();
  await expect
    .poll(async () => (await rig.call("schedule.list", {})).schedules)
    .toMatchObject([{ state: "off", failures: 0 }]);
});

test("a command finds the daemon's own time zone, or what its file says; the zone is that of its instants", async () => {
  await using rig = Rig.prepare({ ...polling, env: { TZ: "Asia/Kolkata" } });
  const text = 'cron = "@yearly"\nzone = "UTC"\ncommand = ["sh", "-c", "echo $TZ"]\n';
  putSchedule(rig, "own", text);
  putSchedule(rig, "told", `${text}run = { env = { TZ = "Europe/Berlin" } }\n`);
  await rig.boot();
  await expect.poll(() => eventsOf(rig, "schedule.loaded").length).toBe(2);
  const said = async (name: string): Promise<string> => {
    const { runId } = await rig.call("schedule.fire", { name });
    await rig.finished(runId);
    return rig.output(runId);
  };
  expect(await said("own")).toBe("Asia/Kolkata\n");
  expect(await said("told")).toBe("Europe/Berlin\n");
});

test("a recipe, a plan and a broken one are started as anybody would start them", async () => {
  await using rig = Rig.prepare(polling);
  const directory = path.join(rig.directory, "schedules");
  mkdirSync(path.join(directory, "work"), { recursive: true });
  const step = '[steps.hello]\ncommand = ["echo", "{args.word}", "$BLUT"]\n';
  writeFileSync(
    path.join(directory, "work", "r.toml"),
    `[args]\nword = { type = "string" }\n${step}`,
  );
  const plan = { steps: [{ name: "a", argv: ["true"], cwd: "/" }] };
  writeFileSync(path.join(directory, "work", "p.json"), JSON.stringify(plan));
  putSchedule(rig, "recipe", 'cron = "@yearly"\nrecipe = "work/r.toml"\nargs = ["word=hi"]\n');
  putSchedule(rig, "plan", 'cron = "@yearly"\nplan = "work/p.json"\n');
  putSchedule(rig, "gone", 'cron = "@yearly"\nplan = "work/gone.json"\n');
  await rig.boot();
  await expect.poll(() => eventsOf(rig, "schedule.loaded").length).toBe(3);
  for (const name of ["recipe", "plan"]) {
    const { runId } = await rig.call("schedule.fire", { name });
    expect(await rig.finished(runId)).toMatchObject({ state: "succeeded", name });
  }
  expect(await rig.refusal("schedule.fire", { name: "gone" })).toMatchObject({
    message: expect.stringContaining("ENOENT") as string,
  });
});
