import { readFileSync } from "node:fs";

/** A small file of the kernel or of a unit; undefined where it cannot be read. */
export function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}

/** The number in such a file; undefined also for `max`, which is none. */
export function numberOf(file: string): number | undefined {
  const text = textOf(file);
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}
