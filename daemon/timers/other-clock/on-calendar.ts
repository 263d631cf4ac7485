import { err, ok, type Result } from "../../domain/result.ts";
import type { CronFields, Timing } from "../../domain/schedule.ts";

const secondMs = 1000;
const dayMs = 86_400_000;
const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;

/** More lines than anybody would write by hand; systemd would take them. */
const mostLines = 96;

/**
 * What systemd.time(7) calls calendar events: lines that together mean what the schedule means, each with
 * its time zone. The error says what that calendar has no word for. Where clocks change, systemd has rules
 * of its own.
 */
export function onCalendar({ trigger, zone }: Timing): Result<readonly string[], string> {
  if (trigger.kind === "every") return everyLines(trigger.everyMs);
  if (!/^[A-Za-z][A-Za-z0-9_/+-]*$/.test(zone)) {
    return err(`${zone} is no time zone of systemd's; name one such as Europe/Berlin`);
  }
  const { fields } = trigger;
  const dates = datesOf(fields);
  if (!dates.ok) return dates;
  const time = [
    list(fields.hours, 0, 23),
    list(fields.minutes, 0, 59),
    list(fields.seconds, 0, 59),
  ].join(":");
  return ok(dates.value.map((date) => `${date} ${time} ${zone}`));
}

/** The days as lines: both fields in one, or where either is enough a line for each. */
function datesOf(fields: CronFields): Result<readonly string[], string> {
  const months = list(fields.months, 1, 12);
  const ofMonth = monthDays(fields).map((days) => `*-${months}${days}`);
  const all = list(fields.daysOfMonth, 1, 31) === "*";
  const ofWeek = weekDays(fields);
  if (ofWeek === undefined) return ok(ofMonth);
  const anyDay = ofWeek.map(({ names, days }) => `${names} *-${months}${days ?? "-*"}`);
  if (fields.eitherDay) return ok([...ofMonth, ...anyDay]);
  if (all) return ok(anyDay);
  if (fields.lastDayOfMonth || ofWeek.some(({ days }) => days !== undefined)) {
    return err("systemd's calendar cannot say both of these for one day; say it in two schedules");
  }
  return ok(ofWeek.flatMap(({ names }) => ofMonth.map((date) => `${names} ${date}`)));
}

/** `~` counts from the end of the month. */
function monthDays({ daysOfMonth, lastDayOfMonth }: CronFields): string[] {
  const days = daysOfMonth.length === 0 ? [] : [`-${list(daysOfMonth, 1, 31)}`];
  return lastDayOfMonth ? [...days, "~01"] : days;
}

/** Days of the week, each with the days of the month that it has to be one of; undefined: any day. */
function weekDays({
  daysOfWeek,
  lastDaysOfWeek,
  nthOfMonth,
}: CronFields): { readonly names: string; readonly days?: string }[] | undefined {
  const names = (days: readonly number[]): string =>
    [...new Set(days)].map((day) => weekdays[day] ?? "").join(",");
  if (new Set(daysOfWeek).size === 7 && nthOfMonth === undefined) return undefined;
  const last = { names: names(lastDaysOfWeek), days: "~07/1" };
  const ofLast = lastDaysOfWeek.length === 0 ? [] : [last];
  if (daysOfWeek.length === 0) return ofLast;
  if (nthOfMonth === undefined) return [{ names: names(daysOfWeek) }, ...ofLast];
  const from = (nthOfMonth - 1) * 7 + 1;
  const days = `-${from}..${Math.min(from + 6, 31)}`;
  return [{ names: names(daysOfWeek), days }, ...ofLast];
}

/** Multiples since 1970 are times of the day in UTC, as long as a day is a multiple of them. */
function everyLines(everyMs: number): Result<readonly string[], string> {
  const because = "systemd's calendar has no word for it; say it with cron";
  if (dayMs % everyMs !== 0) return err(`a day is no multiple of this length: ${because}`);
  /** Hours that have the same minutes and seconds share a line. */
  const lines = new Map<string, number[]>();
  for (let hour = 0; hour < 24; hour++) {
    for (const rest of restsOf(hour, everyMs)) lines.set(rest, [...(lines.get(rest) ?? []), hour]);
  }
  if (lines.size > mostLines) return err(`it would take ${lines.size} lines: ${because}`);
  return ok([...lines].map(([rest, hours]) => `*-*-* ${list(hours, 0, 23)}:${rest} UTC`));
}

/** Minutes and seconds of one hour; minutes that have the same seconds share a line. */
function restsOf(hour: number, everyMs: number): string[] {
  const secondsOf = new Map<number, number[]>();
  const start = hour * 3_600_000;
  const first = Math.ceil(start / everyMs) * everyMs;
  for (let at = first; at < start + 3_600_000; at += everyMs) {
    const second = (at - start) / secondMs;
    const minute = Math.floor(second / 60);
    secondsOf.set(minute, [...(secondsOf.get(minute) ?? []), second % 60]);
  }
  const minutesOf = new Map<string, number[]>();
  for (const [minute, seconds] of secondsOf) {
    const text = list(seconds, 0, 59);
    minutesOf.set(text, [...(minutesOf.get(text) ?? []), minute]);
  }
  return [...minutesOf].map(([seconds, minutes]) => `${list(minutes, 0, 59)}:${seconds}`);
}

/** `*`, `1..5`, `0,15,30,45`: numbers in order, as few words as it takes. */
function list(numbers: readonly number[], least: number, most: number): string {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  if (sorted.length === most - least + 1) return "*";
  const ranges: [number, number][] = [];
  for (const each of sorted) {
    const last = ranges.at(-1);
    if (last?.[1] === each - 1) last[1] = each;
    else ranges.push([each, each]);
  }
  const two = (each: number): string => String(each).padStart(2, "0");
  return ranges
    .flatMap(([a, b]) =>
      b - a < 2 ? (a === b ? [two(a)] : [two(a), two(b)]) : [`${two(a)}..${two(b)}`],
    )
    .join(",");
}
