import { parseDuration } from "../daemon/protocol/units.ts";

const dayMs = 86_400_000;

/**
 * Reads an instant of the past as people say it: a length ago (`1d`, `36h`), `today`, `yesterday`, a date
 * (`2026-11-21`), or a date with a time (`2026-11-21 18:00`), in local time. Undefined when it is none of these.
 */
export function readInstant(text: string, now: number): number | undefined {
  const ago = parseDuration(text);
  if (ago.ok) return Math.max(0, now - ago.value);
  if (text === "today" || text === "yesterday") {
    // At noon of the day before: a day of 23 or 25 hours is no other day.
    const noon = new Date(now).setHours(12, 0, 0, 0) - (text === "today" ? 0 : dayMs);
    return new Date(noon).setHours(0, 0, 0, 0);
  }
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d))?$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0"] = match;
  const parts = [Number(year), Number(month) - 1, Number(day)] as const;
  const date = new Date(...parts, Number(hour), Number(minute));
  // The 31st of February is no day, and 25:00 is no time.
  const isReal = date.getMonth() === parts[1] && date.getDate() === parts[2];
  return isReal && Number(minute) < 60 ? date.getTime() : undefined;
}
