import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { Rig } from "../support/rig.ts";
import { eventsOf, putSchedule } from "../support/schedules.ts";
import { polling } from "./ledger.ts";

const hourMs = 3_600_000;
const weekMs = 7 * 24 * hourMs;
const schedules = 200;
/** Each has an instant an hour; what is made up for of the week differs. */
const policies = [
  { text: 'catch-up = "none"', caughtUp: 0 },
  { text: 'catch-up = "last"', caughtUp: 1 },
  { text: 'catch-up = { take = "all", window = "30d", count = 4 }', caughtUp: 4 },
  { text: 'catch-up = { take = "all", window = "150m", count = 100 }', caughtUp: 2 },
];
const policyOf = (n: number) => policies[n % policies.length] ?? policies[0];

test("a box that comes back after a week off does not stampede: what is made up for is counted, and waits its turn", async () => {
  // Room for four at a time.
  const flags = ["--budget", "128M", "--reserve", "16M", "--default-memory", "32M"];
  await using rig = Rig.prepare({ ...polling, flags });
  for (let n = 0; n < schedules; n++) {
    // Not about now: an hour may begin while this test runs.
    const minute = (new Date().getUTCMinutes() + 30) % 60;
    const when = `cron = "${minute} * * * *"\nzone = "UTC"\noverlap = "queue"`;
    const text = `${when}\n${policyOf(n)?.text ?? ""}\ncommand = ["true"]\n`;
    putSchedule(rig, `s${n}`, text);
  }
  await rig.boot();
  const loaded = () => eventsOf(rig, "schedule.loaded").length;
  await expect.poll(loaded, { timeout: 60_000 }).toBe(schedules);
  await rig.call("daemon.pause", { reason: "nothing may start yet" });
  await rig.end("SIGKILL");
  const database = new Database(rig.database);
  database.prepare("UPDATE schedules SET handled_at = handled_at - ?").run(weekMs);
  database.close();
  await rig.boot();

  const fired = () => eventsOf(rig, "schedule.fired").length;
  const wanted = Array.from({ length: schedules }, (_, n) => policyOf(n)?.caughtUp ?? 0);
  const total = wanted.reduce((a, b) => a + b, 0);
  await expect.poll(fired, { timeout: 60_000 }).toBe(total);
  const { counts } = await rig.call("daemon.status", {});
  expect(counts).toEqual({ queued: total, running: 0, ended: 0 });
  for (let n = 0; n < policies.length; n++) {
    const { history } = await rig.call("schedule.get", { name: `s${n}`, history: 1000 });
    const ofState = (state: string): number =>
      history.filter((tick) => tick.state === state).reduce((sum, t) => sum + (t.count ?? 1), 0);
    expect(history.filter(({ cause }) => cause === "catch-up")).toHaveLength(wanted[n] ?? 0);
    // A week of hours, each fired or missed, and the missed ones in one row.
    expect(ofState("fired") + ofState("missed")).toBe(weekMs / hourMs);
    expect(history.length).toBe((wanted[n] ?? 0) + 1);
  }

  await rig.call("daemon.resume", {});
  const ended = () => rig.events.filter(({ kind }) => kind === "attempt.ended").length;
  await expect.poll(ended, { timeout: 120_000 }).toBeGreaterThan(20);
  let [live, most] = [0, 0];
  for (const { kind } of rig.events) {
    if (kind === "attempt.starting") most = Math.max(most, ++live);
    else if (kind === "attempt.ended") live--;
  }
  expect(most).toBeLessThanOrEqual(4);
  expect(most).toBeGreaterThan(1);
}, 300_000);
