import { err, ok, type Result } from "./result.ts";

/** Bytes in a mebibyte. */
export const mib = 1024 ** 2;
/** Bytes in a gibibyte. */
export const gib = 1024 ** 3;

const sizeUnits: Readonly<Record<string, number>> = {
  "": 1,
  K: 1024,
  M: mib,
  G: gib,
  T: 1024 ** 4,
};
const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const byteNames = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** Sizes above this are refused: no box has a pebibyte, and a double counts exactly well past it. */
export const maxSizeBytes = 1024 ** 5;
/** Durations above this are refused: ten years. */
export const maxDurationMs = 3650 * 86_400_000;

/**
 * Reads a size such as `512M`, `1.5G`, `8GiB` or `1048576`. Units are powers of 1024, as systemd and
 * the kernel use them. The error is a sentence naming what was expected.
 */
export function parseSize(text: string): Result<number, string> {
  const match = /^(\d{1,16}(?:\.\d{1,6})?)([KMGT]?)(?:i?B)?$/.exec(text);
  const bytes = match && Math.round(Number(match[1]) * (sizeUnits[match[2] ?? ""] ?? NaN));
  if (bytes === null || !Number.isSafeInteger(bytes) || bytes < 1 || bytes > maxSizeBytes) {
    return err(`expected a size such as 512M, 1.5G or 8GiB, got ${quote(text)}`);
  }
  return ok(bytes);
}

/** Reads a duration such as `90s`, `10m`, `1h30m` or `2d`, in ms. A bare number is refused: of what? */
export function parseDuration(text: string): Result<number, string> {
  const refused = err(`expected a duration such as 90s, 10m, 1h30m or 2d, got ${quote(text)}`);
  if (!/^(?:\d{1,9}(?:\.\d{1,3})?(?:ms|[smhd]))+$/.test(text)) return refused;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    totalMs += Number(amount) * (durationUnits[unit ?? ""] ?? NaN);
  }
  totalMs = Math.round(totalMs);
  return totalMs >= 1 && totalMs <= maxDurationMs ? ok(totalMs) : refused;
}

/** Bytes as people read them, three digits: `1.5 GiB`, `64 MiB`, `512 B`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // Rounded before it is compared, so that 1023.9 MiB reads 1 GiB and not 1024 MiB.
  while (threeDigits(value) >= 1024 && unit < byteNames.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${threeDigits(value)} ${byteNames[unit] ?? ""}`;
}

function threeDigits(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

/** Ms as a person types them, the two largest units: `1h30m`, `90s` is `1m30s`, `250ms`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  let leftMs = Math.round(ms / 1000) * 1000;
  const parts = Object.entries(durationUnits)
    .reverse()
    .flatMap(([unit, step]) => {
      const count = unit === "ms" ? 0 : Math.floor(leftMs / step);
      leftMs -= count * step;
      return count === 0 ? [] : [`${count}${unit}`];
    });
  return parts.slice(0, 2).join("");
}

/** Whole seconds, every unit that it takes, so that it reads as it was meant: `1d2h30m`. */
export function exactDuration(ms: number): string {
  let leftMs = ms;
  const parts = Object.entries(durationUnits)
    .reverse()
    .map(([unit, step]) => {
      const count = Math.floor(leftMs / step);
      leftMs -= count * step;
      return count === 0 ? "" : `${count}${unit}`;
    });
  return parts.join("");
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
}
