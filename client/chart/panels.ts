import type { MethodResult } from "../../daemon/protocol/methods.ts";

type Metrics = MethodResult<"run.metrics">;
type Attempt = Metrics["attempts"][number];
type Series = Attempt["series"][number];

/** One course in a chart. Where `y` is undefined the value was not finite. */
export interface Line {
  readonly label: string;
  readonly points: readonly { readonly x: number; readonly y: number | undefined }[];
}

/** One chart: a metric, with a line for each step that has it. */
export interface Panel {
  readonly title: string;
  readonly xLabel: "step" | "seconds";
  readonly lines: readonly Line[];
}

/** The ends of what a panel shows. */
export interface Extent {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** One panel for each metric, in the order in which they came. */
export function panelsOf({ attempts }: Metrics): Panel[] {
  const all = attempts.flatMap((attempt) => attempt.series.map((series) => ({ attempt, series })));
  const byName = Map.groupBy(all, ({ series }) => series.name);
  return [...byName].map(([title, found]) => panelOf(title, found));
}

/** Undefined when there is no finite value in it. */
export function extentOf({ lines }: Panel): Extent | undefined {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { points } of lines) {
    for (const { x, y } of points) {
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      if (y !== undefined) [low, high] = [Math.min(low, y), Math.max(high, y)];
    }
  }
  if (high < low) return undefined;
  return { x: right > left ? [left, right] : [left, left + 1], y: widened(low, high) };
}

/** The stage's own count where all have it, else the time since each attempt's first value. */
function panelOf(
  title: string,
  found: readonly { readonly attempt: Attempt; readonly series: Series }[],
): Panel {
  const isCounted = found.every(({ series }) =>
    series.points.every(({ step }) => step !== undefined),
  );
  const lines = found.map(({ attempt, series }) => {
    const firstAt = series.points[0]?.at ?? 0;
    const points = series.points.map(({ at, step, value }) => ({
      x: isCounted && step !== undefined ? step : (at - firstAt) / 1000,
      y: typeof value === "number" ? value : undefined,
    }));
    return { label: attempt.step, points };
  });
  return { title, xLabel: isCounted ? "step" : "seconds", lines };
}

/** A course that stands still, or of one value, has room around it. */
function widened(low: number, high: number): readonly [number, number] {
  if (high > low) return [low, high];
  const room = Math.abs(low) / 10 || 1;
  return [low - room, high + room];
}
