import type { Style } from "./style.ts";

const blocks = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
const ascii = ["_", ".", "-", "~", "=", "*", "#", "@"] as const;

/** A value that is not finite leaves its mark, whatever its neighbours are. */
const odd = "!";

/** A course in so many cells at most: each cell is the mean of its part, between the least and the most. */
export function sparkline(
  style: Style,
  values: readonly (number | string)[],
  cells: number,
): string {
  const count = Math.min(cells, values.length);
  const parts = Array.from({ length: count }, (_, i) =>
    values.slice(
      Math.floor((i * values.length) / count),
      Math.floor(((i + 1) * values.length) / count),
    ),
  );
  const means = parts.map(meanOf);
  const finite = means.filter((mean) => mean !== undefined);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const marks = style.unicode ? blocks : ascii;
  return means.map((mean) => (mean === undefined ? odd : marks[levelOf(mean, low, high)])).join("");
}

/** Undefined where one of them is not finite. */
function meanOf(values: readonly (number | string)[]): number | undefined {
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length < values.length) return undefined;
  return numbers.reduce((sum, value) => sum + value / numbers.length, 0);
}

/** A course that never changes lies in the middle. */
function levelOf(value: number, low: number, high: number): number {
  if (high <= low) return 3;
  return Math.min(7, Math.floor(((value - low) / (high - low)) * 8));
}
