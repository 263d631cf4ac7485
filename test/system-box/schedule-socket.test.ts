import { mkdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { install, installPrograms, must, person, type Person } from "./support/box.ts";

/** A schedule whose clock systemd holds, on a box where the socket starts blutd. */
let cal: Person;

const systemctl = (...words: string[]): Promise<string> =>
  cal.must("systemctl", "--user", ...words);
const blutctl = (...words: string[]): Promise<string> => cal.must("blutctl", ...words);
const invocation = (): Promise<string> =>
  systemctl("show", "--value", "--property=InvocationID", "blutd.service");

beforeAll(async () => {
  installPrograms();
  for (const unit of ["blutd.service", "blutd.socket"]) {
    install(`user/${unit}`, `/etc/systemd/user/${unit}`);
  }
  cal = await person("cal");
  mkdirSync(`${cal.home}/.config/blut/schedules`, { recursive: true });
  const settings = 'memory.budget = "800M"\nmemory.reserve = "64M"\nmemory.default = "32M"\n';
  writeFileSync(`${cal.home}/.config/blut/blut.toml`, settings);
  const text =
    'every = "10s"\nvia = "systemd"\ncommand = ["true"]\ncatch-up = { take = "all", count = 100 }\n';
  writeFileSync(`${cal.home}/.config/blut/schedules/tick.toml`, text);
  await must("chown", "-R", "cal:cal", cal.home);
  await must("loginctl", "enable-linger", "cal");
  await must("systemctl", "start", `user@${await must("id", "-u", "cal")}.service`);
});

afterAll(async () => {
  const units = ["blut-schedule-tick.timer", "blutd.socket", "blutd.service", "blut.slice"];
  await cal.run("systemctl", "--user", "stop", ...units);
});

test("systemd holds the clock while blutd is down: at the next instant its timer starts the daemon", async () => {
  await systemctl("start", "blutd.socket");
  await blutctl("status");
  const timers = (): Promise<string> =>
    systemctl("list-timers", "--all", "--plain", "--no-legend", "blut-schedule-*");
  await expect.poll(timers).toContain("blut-schedule-tick.timer");
  const before = await invocation();
  await systemctl("stop", "blutd.service");
  expect(await timers()).toContain("blut-schedule-tick.timer");
  // Nobody but the timer calls from here on: systemctl does not speak with blutd.
  await expect.poll(invocation).not.toBe(before);
  const show = async () =>
    JSON.parse(await blutctl("schedule", "show", "tick", "--json", "--history", "1000")) as {
      readonly via: string;
      readonly history: readonly { readonly instant: number; readonly state: string }[];
    };
  const fired = async () =>
    (await show()).history.filter(({ state }) => state === "succeeded" || state === "fired");
  await expect.poll(async () => (await fired()).length).toBeGreaterThan(1);
  const { via, history } = await show();
  expect(via).toBe("systemd");
  const instants = history.map(({ instant }) => instant).reverse();
  const [first = 0] = instants;
  expect(instants).toEqual(instants.map((_, i) => first + i * 10_000));
});
