/*
 * One boot of the soak's guest: steps the clock from instant to instant and disturbs the daemon, until the
 * month is over (exit 0, the ledger on stdout) or the power is cut (exit 75). The other half is ../figures/soak.ts.
 */
import { utimesSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { delayOf } from "../../../daemon/timers/delay.ts";
import { nextInstant } from "../../../daemon/timers/next-instant.ts";
import type { Schedule } from "../../../daemon/timers/read-schedule.ts";
import { BenchDaemon } from "../support/bench-daemon.ts";
import { say } from "../support/figure.ts";
import { residentBytes } from "../support/process-facts.ts";
import { fillDisk, freeDisk, killBus, openFiles, setClock } from "./guest-box.ts";
import { disturbances, keepHistory, random, readHistory, type Disturbance } from "./history.ts";
import { Books, ledgerOf } from "./ledger.ts";
import { readTimetable, writeTimetable } from "./timetable.ts";

const hour = 3_600_000;
/** So many days are soaked; the clocks of Europe and America change in the first two weeks. */
const days = Number(process.env["BLUT_SOAK_DAYS"] ?? "30");
const month = { fromAt: Date.UTC(2026, 9, 20), untilAt: Date.UTC(2026, 9, 20) + days * 24 * hour };
/** A step is disturbed with this likelihood, in one of the ways. */
const disturbed = 1 / 20;
/** A daemon is weighed at this age, in steps that found room on the disk. */
const weighedAt = 25;
const settleMs = 120_000;
/** The daemon lets go of the last run's files after its end is on record. */
const restMs = 500;
/** More are not left open by a step, or everything would be skipped on a slow machine. */
const mostOpen = 8;
const powerCut = 75;

const place = join(homedir(), "soak");
const kept = join(place, "history.json");
const timetable = join(place, "schedules");
const bootedAt = performance.now();

const daemon = new BenchDaemon(
  ["--budget", "600M", "--reserve", "64M", "--default-memory", "16M"],
  {
    directory: place,
    settings: `[schedules]\npath = "${timetable}"\n`,
  },
);
const history = readHistory(kept, month);
const isFirst = history.steps === 0;
if (isFirst) writeTimetable(timetable);
const schedules = readTimetable(timetable);
/** When each fires next after all that has been reached. */
const dueAt = new Map<Schedule, number>();
for (const schedule of schedules) planNext(schedule);

// A box that was switched off for an hour.
if (!isFirst) reach(history.reachedAt + hour);
setClock(history.reachedAt);
freeDisk();
await (isFirst ? daemon.startWarm() : daemon.start());
const books = new Books(daemon.database);
if (isFirst) await books.holds(schedules.length);
let age = 0;
let fullFor = 0;

for (;;) {
  const next = Math.min(...dueAt.values());
  if (next > history.untilAt) break;
  await step(next);
  if (random(history) < disturbed) await disturb(anyOf(disturbances));
  if (history.steps % 100 === 0) tellProgress();
}
await end();

/** Sets the clock to an instant and waits until everything that is due by then is on record. */
async function step(at: number): Promise<void> {
  reach(at + 20);
  history.steps += 1;
  setClock(history.reachedAt);
  nudge();
  for (const schedule of schedules) planNext(schedule);
  if (fullFor > 0 && --fullFor === 0) freeDisk();
  // On a full disk no run ends.
  if (fullFor > 0) return;
  await settled();
  if (++age === weighedAt) await weigh();
}

/** What the clock is set to never goes back here, and never past the month: the ledger ends with it. */
function reach(at: number): void {
  const { reachedAt, untilAt } = history;
  history.reachedAt = Math.min(untilAt, Math.max(reachedAt, at));
}

/** Nothing tells the daemon that the clock was set before it looks again; a file that was touched does. */
function nudge(): void {
  const now = new Date();
  utimesSync(join(timetable, "weekly-0.toml"), now, now);
}

async function settled(): Promise<void> {
  const deadline = performance.now() + settleMs;
  const awaited = schedules.filter(({ name }) => !books.isPaused(name));
  for (;;) {
    const behind = awaited.find((each) => !books.isHandled(each, history.reachedAt));
    if (behind === undefined && books.openRuns() <= mostOpen) return;
    if (performance.now() > deadline) throw new Error(`${behind?.name ?? "a run"} hangs`);
    await sleep(20);
    if (behind !== undefined && books.isPaused(behind.name)) {
      awaited.splice(awaited.indexOf(behind), 1);
    }
  }
}

async function disturb(how: Disturbance): Promise<void> {
  history.done[how] += 1;
  switch (how) {
    case "kill":
      return restart(0);
    case "bus":
      killBus();
      return;
    case "disk":
      fillDisk();
      fullFor = 3;
      return;
    case "back":
      setClock(Date.now() - 2 * hour);
      nudge();
      return;
    case "away":
      // Mostly hours, sometimes days: most of the month the daemon is there.
      return restart(random(history) ** 8 * 60 * hour);
    case "reboot":
      history.realMs += performance.now() - bootedAt;
      keepHistory(kept, history);
      process.exit(powerCut);
  }
}

/** kill -9 in the middle of firing, and a new daemon after so long by the clock. */
async function restart(awayMs: number): Promise<void> {
  const next = Math.min(...dueAt.values());
  reach(next + 20);
  setClock(history.reachedAt);
  nudge();
  await sleep(random(history) * 300);
  await daemon.end("SIGKILL");
  freeDisk();
  fullFor = 0;
  reach(history.reachedAt + awayMs);
  setClock(history.reachedAt);
  await daemon.start();
  age = 0;
  for (const schedule of schedules) planNext(schedule);
  await settled();
}

function planNext(schedule: Schedule): void {
  const { timing, zone } = schedule;
  const delayMs = delayOf(schedule);
  const known = dueAt.get(schedule);
  if (known !== undefined && known > history.reachedAt) return;
  const next = nextInstant(timing.trigger, zone, history.reachedAt - delayMs);
  dueAt.set(schedule, next === undefined ? Infinity : next + delayMs);
}

/** At rest: what runs has files of its own, and how much that is differs from step to step. */
async function weigh(): Promise<void> {
  while (books.openRuns() > 0) await sleep(100);
  await sleep(restMs);
  const { pid } = daemon;
  history.samples.push({ residentBytes: residentBytes(pid), openFiles: openFiles(pid) });
}

async function end(): Promise<void> {
  reach(history.untilAt);
  setClock(history.reachedAt);
  nudge();
  await settled();
  while (books.openRuns() > 0) await sleep(100);
  await daemon.end("SIGTERM");
  history.realMs += performance.now() - bootedAt;
  const ledger = ledgerOf(daemon.database, schedules, history);
  process.stdout.write(`${JSON.stringify({ history, ledger })}\n`);
  process.exit(0);
}

function tellProgress(): void {
  const at = new Date(history.reachedAt).toISOString().slice(0, 16);
  const told = disturbances.map((how) => `${how} ${history.done[how]}`).join(", ");
  say(`${at}: ${history.steps} steps, ${books.fired()} firings; ${told}`);
}

function anyOf<T>(words: readonly [T, ...T[]]): T {
  return words[Math.floor(random(history) * words.length)] ?? words[0];
}
