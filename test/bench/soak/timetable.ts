import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { delayOf } from "../../../daemon/timers/delay.ts";
import { nextInstant } from "../../../daemon/timers/next-instant.ts";
import { readSchedule, type Schedule } from "../../../daemon/timers/read-schedule.ts";

/** How many schedules of a kind there are, and the file of the n-th. */
interface Kind {
  readonly name: string;
  readonly count: number;
  readonly text: (n: number) => string;
}

const zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"];
const zone = (n: number): string => `zone = "${zones[n % zones.length] ?? "UTC"}"`;
const quarter = (n: number): number => (n % 4) * 15;
const takes = ["none", "last", "all"];
const catchUp = (n: number): string => `catch-up = "${takes[n % takes.length] ?? "last"}"`;

/** 200 schedules, about 21,000 instants in 30 days; on quarters of an hour, so that many come together. */
const kinds: readonly Kind[] = [
  {
    name: "six-hourly",
    count: 100,
    text: (n) => `cron = "${quarter(n)} ${n % 6}/6 * * *"\n${zone(n)}\n${catchUp(n)}`,
  },
  {
    name: "daily",
    count: 40,
    text: (n) => `cron = "${quarter(n)} ${n % 24} * * *"\n${zone(n)}\n${catchUp(n)}`,
  },
  { name: "three-hourly", count: 20, text: (n) => `every = "3h"\n${catchUp(n)}` },
  { name: "eight-hourly", count: 16, text: (n) => `cron = "30 ${n % 8}/8 * * *"\njitter = "15m"` },
  // Longer than their turn: most of these instants are skipped.
  { name: "overlapping", count: 4, text: () => `every = "1h"\ncommand = ["sleep", "3"]` },
  { name: "queueing", count: 2, text: () => `every = "8h"\noverlap = "queue"` },
  { name: "weekly", count: 4, text: (n) => `cron = "0 4 * * ${n % 7}"\n${zone(n)}` },
  {
    name: "failing",
    count: 10,
    text: () =>
      `every = "12h"\ncommand = ["false"]\n[on-failure]\nretry-after = "45m"\nretries = 1`,
  },
  {
    name: "pausing",
    count: 4,
    text: () => `every = "6h"\ncommand = ["false"]\n[on-failure]\npause-after = 5`,
  },
];

/** Writes the files of all schedules. */
export function writeTimetable(directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (const { name, count, text } of kinds) {
    for (let n = 0; n < count; n++) {
      const lines = text(n);
      const command = lines.includes("command") ? "" : 'command = ["true"]\n';
      writeFileSync(join(directory, `${name}-${n}.toml`), `${command}${lines}\n`);
    }
  }
}

/** Reads them back, as the daemon does. */
export function readTimetable(directory: string): Schedule[] {
  return readdirSync(directory).map((file) => {
    const path = join(directory, file);
    const read = readSchedule(readFileSync(path, "utf8"), path);
    if (!read.ok) throw new Error(`${file}: ${read.error[0]?.message ?? ""}`);
    return read.value;
  });
}

/** Every instant of a schedule after `from` whose time has come by `until`. */
export function instantsOf(schedule: Schedule, from: number, until: number): number[] {
  const { timing, zone: where } = schedule;
  const last = until - delayOf(schedule);
  const found: number[] = [];
  let at = nextInstant(timing.trigger, where, from);
  for (; at !== undefined && at <= last; at = nextInstant(timing.trigger, where, at))
    found.push(at);
  return found;
}
