import { err, ok, type Result } from "./result.ts";

const sizeUnits: Readonly<Record<string, number>> = {
  "": 1,
  K: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
  T: 1024 ** 4,
};
const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

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

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
}
