import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { onCalendar } from "../../daemon/timers/other-clock/on-calendar.ts";
import { nextInstant } from "../../daemon/timers/next-instant.ts";
import { readSchedule, type Schedule } from "../../daemon/timers/read-schedule.ts";
import type { Rig } from "../support/rig.ts";
import { eventsOf, expectWhole, putSchedule } from "../support/schedules.ts";
import { blutctl } from "./support/blutctl.ts";
import { sweep, systemdRig, userSystemctl } from "./support/user-systemd.ts";

/** A schedule out of the text of its file. */
function schedule(when: string): Schedule {
  const read = readSchedule(`${when}\ncommand = ["true"]\n`, "/etc/s.toml");
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

function run(command: string, args: readonly string[]): { code: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: "utf8",
    env: { ...process.env, TZ: "UTC", LC_ALL: "C.UTF-8" },
  });
  return { code: status, text: `${stdout}${stderr}` };
}

describe("systemd's calendar", () => {
  const from = Date.UTC(2026, 10, 22, 7, 30);

  /** The next instants of a line, as systemd itself works them out; 252 says "Iter. #2" for an iteration. */
  function elapses(line: string, count: number): number[] {
    const base = `@${from / 1000}`;
    const args = ["calendar", `--iterations=${count}`, `--base-time=${base}`, line];
    const { code, text } = run("systemd-analyze", args);
    expect([code, line, text]).toEqual([0, line, text]);
    const utc = [...text.matchAll(/(?:\(in UTC\)|Next elapse|Iter(?:ation|\.) #\d+): (.*) UTC$/gm)];
    return utc.map(([, at = ""]) => Date.parse(`${at.replace(/^\w+ /, "").replace(" ", "T")}Z`));
  }

  test.each([
    'cron = "30 2 * * *"\nzone = "Europe/Berlin"',
    'cron = "*/15 8-17 * * mon-fri"\nzone = "UTC"',
    'cron = "10 */5 * 1,2,12 * *"\nzone = "UTC"',
    'cron = "0 0 L * *"\nzone = "UTC"',
    'cron = "0 0 15,L * *"\nzone = "UTC"',
    'cron = "0 12 * * 5L"\nzone = "Asia/Kolkata"',
    'cron = "0 12 * * fri#2"\nzone = "UTC"',
    'cron = "0 0 13 * fri"\nzone = "UTC"',
    'cron = "0 6 */2 * mon,thu"\nzone = "UTC"',
    'cron = "@weekly"\nzone = "America/New_York"',
    'cron = "H H(0-7) * * *"\nzone = "UTC"',
    'every = "6h"',
    'every = "90m"',
    'every = "45s"',
    'every = "1d"',
  ])("%s means the same there", (when) => {
    const { timing, zone } = schedule(when);
    const lines = onCalendar(timing);
    if (!lines.ok) throw new Error(lines.error);
    const count = 8;
    const ours: number[] = [];
    let at: number | undefined = from;
    while (ours.length < count) {
      at = nextInstant(timing.trigger, zone, at);
      if (at === undefined) break;
      ours.push(at);
    }
    const theirs = new Set(lines.value.flatMap((line) => elapses(line, count)));
    expect([...theirs].sort((a, b) => a - b).slice(0, count)).toEqual(ours);
  });

  test.each(['every = "7s"', 'every = "2d"', 'cron = "0 0 */2 * 5L"\nzone = "UTC"'])(
    "%s is refused: it has no word for that",
    (when) => {
      expect(onCalendar(schedule(when).timing)).toMatchObject({ ok: false });
    },
  );
});

describe("a schedule whose clock systemd holds", () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await systemdRig();
  });
  afterEach(async () => {
    await userSystemctl("stop", "blut-schedule-*.timer").catch(() => undefined);
    await rig[Symbol.asyncDispose]();
    await sweep();
  });

  const timers = async (): Promise<string[]> => {
    const args = ["list-timers", "--all", "--plain", "--no-legend", "blut-schedule-*"];
    const listed = await userSystemctl(...args);
    return [...listed.matchAll(/(\S+)\.timer/g)].map(([, name = ""]) => name);
  };
  const held = (...names: string[]): Promise<void> =>
    expect.poll(timers, { timeout: 60_000 }).toEqual(names.map((each) => `blut-schedule-${each}`));
  const every = (seconds: number, more = ""): string =>
    `every = "${seconds}s"\ncommand = ["true"]\ncatch-up = { take = "all", count = 100 }\n${more}`;

  test("is in list-timers, fires once an instant, also across kill -9, and is gone when it is disabled", async () => {
    putSchedule(rig, "tick", every(5, 'via = "systemd"\n'));
    await held("tick");
    await expect
      .poll(() => eventsOf(rig, "schedule.fired").length, { timeout: 60_000 })
      .toBeGreaterThan(1);
    expect(await rig.call("schedule.get", { name: "tick" })).toMatchObject({ via: "systemd" });
    await rig.crash();
    const before = eventsOf(rig, "schedule.fired").length;
    await held("tick");
    await expect
      .poll(() => eventsOf(rig, "schedule.fired").length, { timeout: 60_000 })
      .toBeGreaterThan(before + 1);
    expect(eventsOf(rig, "schedule.unheld")).toEqual([]);
    await expectWhole(rig, "tick", 5000);
    // It was systemd's word: the last start of the service went well.
    const service = await userSystemctl("show", "-P", "Result", "blut-schedule-tick.service");
    expect(service).toBe("success");
    await rig.call("schedule.disable", { name: "tick" });
    await held();
  });

  test("a person's word hands it over and takes it back, and a rule that changed is a new timer", async () => {
    putSchedule(rig, "often", 'every = "1h"\ncommand = ["true"]\n');
    await rig.event("schedule.loaded");
    const enable = (holder: string) => blutctl(rig, "schedule", "enable", "often", "--via", holder);
    expect((await enable("systemd").ended).code).toBe(0);
    await held("often");
    const calendar = () =>
      userSystemctl("show", "-P", "TimersCalendar", "blut-schedule-often.timer");
    expect(await calendar()).toContain("*-*-* *:00:00 UTC");
    putSchedule(rig, "often", 'cron = "7 3 * * *"\nzone = "UTC"\ncommand = ["true"]\n');
    await expect.poll(calendar, { timeout: 60_000 }).toContain("*-*-* 03:07:00 UTC");
    expect((await enable("blutd").ended).code).toBe(0);
    await held();
    // A unit of that name that somebody else made: it is blutd's clock all the same, and the answer says so.
    const others = ["--user", "--unit=blut-schedule-often", "--on-calendar=*-*-* 00:00:00", "true"];
    expect(run("systemd-run", others)).toMatchObject({ code: 0 });
    const { stdout } = await enable("systemd").ended;
    expect(stdout).toMatch(
      /^often: in .*; its clock: blutd, since systemd cannot hold it: .* was not made by/,
    );
  });

  test("what went while no daemon ran is let go of, what was stopped is made again, a stranger's is left alone", async () => {
    putSchedule(rig, "gone", 'every = "1h"\nvia = "systemd"\ncommand = ["true"]\n');
    putSchedule(rig, "stays", 'every = "1h"\nvia = "systemd"\ncommand = ["true"]\n');
    await held("gone", "stays");
    await rig.end("SIGKILL");
    rmSync(path.join(rig.directory, "schedules", "gone.toml"));
    // As after a reboot: transient units are nowhere on the disk.
    await userSystemctl("stop", "blut-schedule-stays.timer");
    await promiseStranger();
    await rig.boot();
    await held("stays", "stranger");
    await userSystemctl("stop", "blut-schedule-stranger.timer");
  });

  const promiseStranger = (): Promise<unknown> => {
    const timer = "--on-calendar=*-*-* 00:00:00";
    const { code, text } = run("systemd-run", [
      ...["--user", "--unit=blut-schedule-stranger", timer, "true"],
    ]);
    expect([code, text]).toEqual([0, text]);
    return Promise.resolve();
  };

  test("what its calendar cannot say stays with blutd, which says why, once", async () => {
    putSchedule(rig, "odd", every(7, 'via = "systemd"\n'));
    const { facts } = await rig.event("schedule.unheld");
    expect(facts).toMatchObject({
      schedule: "odd",
      because: expect.stringContaining("cron") as string,
    });
    await expect
      .poll(() => eventsOf(rig, "schedule.fired").length, { timeout: 60_000 })
      .toBeGreaterThan(1);
    expect(eventsOf(rig, "schedule.unheld")).toHaveLength(1);
    const shown = await rig.call("schedule.get", { name: "odd" });
    expect(shown).toMatchObject({ via: "systemd", viaProblem: facts["because"] });
    const asked = await blutctl(rig, "schedule", "enable", "odd", "--via", "systemd").ended;
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain("error: systemd cannot hold the clock of odd: ");
    expect(await timers()).toEqual([]);
  });

  test("exported: two unit files that systemd-analyze takes, and that fire what is due", async () => {
    putSchedule(
      rig,
      "nightly",
      'cron = "0 3 13 * fri"\nzone = "Europe/Berlin"\njitter = "5m"\ncommand = ["true"]\n',
    );
    await rig.event("schedule.loaded");
    const directory = mkdtempSync(path.join(tmpdir(), "blut-units-"));
    const { code, stdout } = await blutctl(
      rig,
      ...["schedule", "export-timer", "nightly", "--output", directory],
    ).ended;
    expect(code).toBe(0);
    const files = stdout.trimEnd().split("\n");
    expect(files.map((file) => path.basename(file))).toEqual([
      "blut-schedule-nightly.timer",
      "blut-schedule-nightly.service",
    ]);
    expect(run("systemd-analyze", ["--user", "verify", ...files])).toEqual({ code: 0, text: "" });
    const printed = await blutctl(rig, "schedule", "export-timer", "nightly").ended;
    for (const line of [
      "OnCalendar=*-*-13 03:00:00 Europe/Berlin",
      "OnCalendar=Fri *-*-* 03:00:00 Europe/Berlin",
      "RandomizedDelaySec=300s",
      "Persistent=yes",
    ]) {
      expect(printed.stdout.split("\n")).toContain(line);
    }
    rmSync(directory, { recursive: true });
  });
});
