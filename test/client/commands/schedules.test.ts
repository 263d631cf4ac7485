import { readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { MethodResult } from "../../../daemon/protocol/methods.ts";
import { ClientRig } from "../../support/client-rig.ts";
import { aStatus } from "../../support/wire-facts.ts";

let rig: ClientRig;
beforeEach(() => (rig = new ClientRig()));
afterEach(() => rig.close());

type Listed = MethodResult<"schedule.list">["schedules"][number];
type Tick = Listed["history"][number];

const hourMs = 3_600_000;
const tick = (ago: number, state: Tick["state"], more: Partial<Tick> = {}): Tick => {
  const at = Date.now() - ago * hourMs;
  return { instant: at, at, cause: "clock", state, ...more };
};
const aSchedule = (more: Partial<Listed> = {}): Listed => ({
  ...{ name: "nightly", file: "/s/nightly.toml", when: "H 3 * * *", zone: "UTC", state: "on" },
  ...{ work: "recipe digits", via: "blutd", failures: 0, history: [] },
  ...more,
});
const rules: Omit<MethodResult<"schedule.get">, keyof Listed> = {
  ...{ jitterMs: 300_000, overlap: "skip" as const, problems: [] },
  catchUp: { take: "last", windowMs: 24 * hourMs, count: 10 },
  onFailure: { retryAfterMs: 600_000, retries: 2, pauseAfter: 5 },
  startWithinMs: hourMs,
};

const widest = (text: string): number => Math.max(...text.split("\n").map((line) => line.length));

test("list: next, last and a strip, newest on the right, within 80 columns", async () => {
  const history = [
    tick(0.2, "fired", { runId: "run_1" }),
    tick(1, "succeeded"),
    tick(2, "failed"),
    tick(3, "cancelled"),
    tick(4, "skipped"),
    tick(5, "missed", { count: 12, since: Date.now() - 9 * hourMs }),
    tick(20, "refused"),
  ];
  const long = "second-friday-of-the-month-with-a-name-that-is-much-too-long";
  await rig.daemon({
    "schedule.list": () => ({
      schedules: [
        aSchedule({ nextAt: Date.now() + 2.5 * hourMs, history }),
        aSchedule({
          name: long,
          when: "0 0 1,2,3,4,5,6,7,8,9,10,11,12 * mon-fri",
          state: "paused",
        }),
        aSchedule({ name: "rests", state: "off" }),
      ],
      broken: [
        { name: "bad", file: "/s/bad.toml", problems: [{ field: "cron", message: "no", line: 2 }] },
      ],
    }),
  });
  const { stdout } = await rig.run(["schedule", "list"]);
  expect(widest(stdout)).toBeLessThanOrEqual(80);
  const lines = stdout.split("\n");
  expect(lines[1]).toMatch(/^nightly +H 3 \* \* \* +in 2h\d+m +fired \d+m ago +!○·⊘✗✓▸$/);
  expect(lines[2]).toMatch(/^second-.*… .* paused$/);
  expect(lines[3]).toMatch(/^rests .* off$/);
  expect(lines.at(-2)).toBe("/s/bad.toml:2:1: cron: no");
  const plain = await rig.run(["schedule", "list"], { LANG: "C" });
  expect(plain.stdout).toContain("!o-cx+>");
});

test("list: without any it says where a file would make one", async () => {
  await rig.daemon({ "schedule.list": () => ({ directory: "/s", schedules: [], broken: [] }) });
  const { stdout } = await rig.run(["schedule", "list"]);
  expect(stdout).toBe("No schedules: a file NAME.toml in /s makes one.\n");
});

test("show: the rules in words, who holds the clock, and what many missed instants came to", async () => {
  const since = Date.now() - 30 * hourMs;
  const history = [tick(6, "missed", { count: 24, since, because: "nobody was there" })];
  const held = { via: "systemd", viaProblem: "no word for it", notify: ["failure"] } as const;
  const schedule = aSchedule({ history, failures: 2, help: "Retrain\u001b[31m", ...held });
  await rig.daemon({ "schedule.get": () => ({ ...schedule, ...rules }) });
  const { stdout } = await rig.run(["schedule", "show", "nightly"]);
  expect(widest(stdout)).toBeLessThanOrEqual(80);
  expect(stdout).not.toContain("\u001b");
  for (const line of [
    /^clock +blutd, since systemd cannot hold it: no word for it$/m,
    /^jitter +up to 5m$/m,
    /^missed +last within 1d$/m,
    /^late +cancelled when it has not started after 1h$/m,
    /^retries +2, after 10m$/m,
    /^pauses +after 5 failures in a row$/m,
    /^tells of +failure$/m,
    /^failures +2 in a row$/m,
    / missed +24 since .*: nobody was there$/m,
  ]) {
    expect(stdout).toMatch(line);
  }
});

test.each([
  [{}, "systemctl --user status blut-schedule-nightly.timer"],
  [{ account: "blut" }, "sudo systemctl --user -M blut@ status blut-schedule-nightly.timer"],
])("show: where systemd holds the clock, %j, how its timer is looked at", async (more, line) => {
  await rig.daemon({
    "schedule.get": () => ({ ...aSchedule({ via: "systemd", ...more }), ...rules }),
  });
  const { stdout } = await rig.run(["schedule", "show", "nightly"]);
  expect(stdout.replace(/\s+/g, " ")).toContain(` systemd: ${line} `);
});

test("show: one that paused says how it goes on", async () => {
  await rig.daemon({
    "schedule.get": () => ({ ...aSchedule({ state: "paused", failures: 5 }), ...rules }),
  });
  const { stdout } = await rig.run(["schedule", "show", "nightly"]);
  expect(stdout).toMatch(/^next +paused; to go on: blutctl schedule enable nightly$/m);
});

test("next: in local time, and in the schedule's own where that differs", async () => {
  const at = Date.UTC(2099, 5, 1, 1, 30);
  await rig.daemon({ "schedule.next": () => ({ zone: "Europe/Berlin", instants: [at, at] }) });
  const { stdout } = await rig.run(["schedule", "next", "nightly"]);
  expect(stdout).toMatch(
    /^(2099-06-01 01:30:00 {2}in \d+d\d*h? {2}2099-06-01 03:30:00 Europe\/Berlin\n){2}$/,
  );
});

test("fire --due: a line for each instant, and a note when nothing was due", async () => {
  const instants = [
    tick(0, "fired", { runId: "run_1" }),
    tick(0, "skipped", { because: "it runs" }),
  ];
  const answers = [instants, []];
  await rig.daemon({ "schedule.due": () => ({ instants: answers.shift() ?? [] }) });
  const some = await rig.run(["schedule", "fire", "--due", "nightly"]);
  expect(some.stdout).toMatch(/^run_1\n\d\d:\d\d:\d\d skipped: it runs\n$/);
  const none = await rig.run(["schedule", "fire", "--due", "nightly"]);
  expect(none).toMatchObject({ code: 0, stdout: "" });
  expect(none.stderr).toContain("nothing is due");
});

test("export-timer --output: makes what is missing above it, and says what is in its way", async () => {
  const files = [{ name: "blut-schedule-nightly.timer", text: "[Timer]\n" }];
  await rig.daemon({ "schedule.export": () => ({ files }) });
  const write = (place: string) =>
    rig.run(["schedule", "export-timer", "nightly", "--output", place]);
  const made = await write("a/b/c");
  const file = path.join(rig.directory, "a/b/c/blut-schedule-nightly.timer");
  expect(made).toEqual({ code: 0, stdout: `${file}\n`, stderr: "" });
  expect(readFileSync(file, "utf8")).toBe("[Timer]\n");
  for (const place of ["/proc/x/y", file]) {
    const refused = await write(place);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain(`error: ${place}: `);
    expect(refused.stderr).toContain("remedy: give --output a directory that you may write to");
  }
});

test("status says what the clock starts next, and what keeps schedules from it", async () => {
  const next = { name: "nightly", at: Date.now() + 90 * 60_000 };
  const schedules = { on: 3, off: 1, paused: 2, broken: 1, next };
  await rig.daemon({ "daemon.status": () => ({ ...aStatus(), schedules }) });
  const { stdout } = await rig.run(["status"]);
  expect(stdout.replace(/\n +/g, " ")).toMatch(
    /^schedules +3 on, 2 paused after failures, 1 off, 1 with a broken file, next nightly in 1h\d+m$/m,
  );
});
