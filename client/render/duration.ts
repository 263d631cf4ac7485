const units = [
  { name: "d", ms: 86_400_000 },
  { name: "h", ms: 3_600_000 },
  { name: "m", ms: 60_000 },
  { name: "s", ms: 1000 },
] as const;

/** A length of time by its two largest units: `840ms`, `4.2s`, `3m20s`, `1h30m`, `2d4h`. */
export function formatDuration(ms: number): string {
  const length = Math.max(0, ms);
  if (length < 1000) return `${Math.floor(length)}ms`;
  if (length < 10_000) return `${(Math.floor(length / 100) / 10).toFixed(1).replace(/\.0$/, "")}s`;
  const first = units.findIndex((unit) => length >= unit.ms);
  const [large, small] = [units[first], units[first + 1]];
  if (large === undefined) return `${length}ms`;
  const many = Math.floor(length / large.ms);
  if (small === undefined) return `${many}${large.name}`;
  const rest = Math.floor((length - many * large.ms) / small.ms);
  return rest === 0 ? `${many}${large.name}` : `${many}${large.name}${rest}${small.name}`;
}

/** An instant in local time; the date only where it is not today's. */
export function formatInstant(at: number, now: number): string {
  const iso = localIso(at);
  return iso.slice(0, 10) === localIso(now).slice(0, 10) ? iso.slice(11) : iso;
}

function localIso(at: number): string {
  const date = new Date(at);
  const two = (number: number): string => String(number).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** An instant as clocks of a time zone show it; local where nobody here knows that zone. */
export function zonedInstant(at: number, zone: string): string {
  try {
    const time = { timeZone: zone, dateStyle: "short", timeStyle: "medium" } as const;
    return new Intl.DateTimeFormat("sv-SE", time).format(at);
  } catch (error) {
    if (error instanceof RangeError) return localIso(at);
    throw error;
  }
}
