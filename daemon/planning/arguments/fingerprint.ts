import { digestOf } from "../../base/digest.ts";
import type { ArgumentValue } from "../../domain/argument.ts";

/** Arguments by name, as one point of a sweep has them. */
export type Configuration = Readonly<Record<string, ArgumentValue>>;

/**
 * Digest of configurations: equal exactly when they are. JSON has no word for numbers that are not finite,
 * so these become their names; a text that could be taken for such a name gets a `=` in front. The order of
 * keys never matters, that of the points does. 1 and 1.0 are one number, and so are 0 and -0. Texts are
 * compared letter by letter: a name that only looks the same in Unicode is another file.
 */
export function fingerprintOf(points: readonly Configuration[]): string {
  return digestOf(points.map(canonicalConfiguration));
}

/** A configuration as JSON that no other configuration has. */
export function canonicalConfiguration(
  configuration: Configuration,
): Record<string, ArgumentValue> {
  return Object.fromEntries(
    Object.entries(configuration).map(([key, value]) => [key, canonicalValue(value)]),
  );
}

function canonicalValue(value: ArgumentValue): ArgumentValue {
  if (typeof value === "string") {
    return /^=*(?:NaN|-?Infinity)$/.test(value) ? `=${value}` : value;
  }
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
