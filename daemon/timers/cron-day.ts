import type { CronFields } from "../domain/schedule.ts";

const dayMs = 86_400_000;
const secondMs = 1000;
const minuteMs = 60_000;
const hourMs = 3_600_000;

/** Days and months that one search looks at; the longest wait of the calendar, for a 29 February, takes 1200. */
const mostSteps = 20_000;

/**
 * The first local time from `fromLocal` on and before `untilLocal` that an expression means, as if local
 * time were UTC; undefined when there is none. `steps` is what the search may still take, and is counted down.
 */
export function firstMatch(
  fields: CronFields,
  fromLocal: number,
  untilLocal: number,
  steps: { left: number } = { left: mostSteps },
): number | undefined {
  let day = Math.floor(fromLocal / dayMs) * dayMs;
  while (day < untilLocal && steps.left-- > 0) {
    const date = new Date(day);
    if (!fields.months.includes(date.getUTCMonth() + 1)) {
      day = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
      continue;
    }
    if (isDay(fields, date)) {
      const time = firstTime(fields, Math.max(0, fromLocal - day));
      if (time !== undefined) return day + time < untilLocal ? day + time : undefined;
    }
    day += dayMs;
  }
  return undefined;
}

/** How many local times from `fromLocal` on and before `untilLocal` an expression means. */
export function countMatches(fields: CronFields, fromLocal: number, untilLocal: number): number {
  let count = 0;
  for (let day = Math.floor(fromLocal / dayMs) * dayMs; day < untilLocal; day += dayMs) {
    const date = new Date(day);
    if (!fields.months.includes(date.getUTCMonth() + 1) || !isDay(fields, date)) continue;
    const until = timesBefore(fields, Math.min(untilLocal - day, dayMs));
    count += until - timesBefore(fields, Math.max(0, fromLocal - day));
  }
  return count;
}

/** Times of day that come earlier than `ms` after midnight. */
function timesBefore({ hours, minutes, seconds }: CronFields, ms: number): number {
  const below = (list: readonly number[], most: number): number =>
    list.filter((each) => each < most).length;
  const [hour, minute] = [Math.floor(ms / hourMs), Math.floor((ms % hourMs) / minuteMs)];
  let count = below(hours, hour) * minutes.length * seconds.length;
  if (!hours.includes(hour)) return count;
  count += below(minutes, minute) * seconds.length;
  return minutes.includes(minute) ? count + below(seconds, (ms % minuteMs) / secondMs) : count;
}

/** Two fields for one day: both have to be right, or one of them where both were restricted. */
function isDay(fields: CronFields, date: Date): boolean {
  const day = date.getUTCDate();
  const month = [date.getUTCFullYear(), date.getUTCMonth() + 1] as const;
  const isLastWeek = day + 7 > new Date(Date.UTC(...month, 0)).getUTCDate();
  const isLastDay = new Date(date.getTime() + dayMs).getUTCDate() === 1;
  const ofMonth = fields.daysOfMonth.includes(day) || (fields.lastDayOfMonth && isLastDay);
  const { nthOfMonth } = fields;
  const ofWeek =
    (fields.daysOfWeek.includes(date.getUTCDay()) &&
      (nthOfMonth === undefined || Math.ceil(day / 7) === nthOfMonth)) ||
    (fields.lastDaysOfWeek.includes(date.getUTCDay()) && isLastWeek);
  return fields.eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek;
}

/** The first time of day from `fromMs` after midnight on. */
function firstTime({ hours, minutes, seconds }: CronFields, fromMs: number): number | undefined {
  const from = Math.ceil(fromMs / secondMs) * secondMs;
  for (const hour of hours) {
    if ((hour + 1) * hourMs <= from) continue;
    for (const minute of minutes) {
      const start = hour * hourMs + minute * minuteMs;
      if (start + minuteMs <= from) continue;
      const second = seconds.find((each) => start + each * secondMs >= from);
      if (second !== undefined) return start + second * secondMs;
    }
  }
  return undefined;
}
