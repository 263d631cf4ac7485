import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { plot } from "../chart/braille.ts";
import { panelsOf } from "../chart/panels.ts";
import { formatNumber } from "./number.ts";
import { progressBar } from "./progress-bar.ts";
import { heading } from "./prose.ts";
import { sparkline } from "./sparkline.ts";
import { paint, type Style } from "./style.ts";
import { table } from "./table.ts";

type Metrics = MethodResult<"run.metrics">;
type Attempt = Metrics["attempts"][number];
type Series = Attempt["series"][number];

const sparkCells = 24;
/** Charts on one screen; the table has a sparkline of every metric. */
const mostCharts = 4;

/** Metrics of a run: a row for each with its course in small, and the first few as charts. */
export function metricsView(metrics: Metrics, style: Style): string {
  if (metrics.attempts.length === 0) return `${metrics.id}: nothing was measured`;
  const panels = panelsOf(metrics);
  const charts = panels.slice(0, mostCharts).map((panel) => plot(style, panel));
  const rest = panels.length - charts.length;
  const notes = [
    ...(rest > 0 ? [`${rest} more charts: name metrics with --name`] : []),
    ...(metrics.more ? ["other steps have metrics, too: name one with --step"] : []),
  ];
  return [
    metricsTable(metrics, style),
    ...charts,
    ...notes.map((note) => paint(style, "dim", note)),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** The rows alone, and how far each live stage is; for a card that shows other things as well. */
export function metricsTable({ attempts }: Metrics, style: Style): string {
  const rows = attempts.flatMap((attempt) => attempt.series.map((series) => ({ attempt, series })));
  const bars = attempts.flatMap(({ step, progress }) =>
    progress === undefined ? [] : [progressBar(style, step, progress, style.width)],
  );
  if (rows.length === 0) return bars.join("\n");
  const many = attempts.length > 1;
  const drawn = table<(typeof rows)[number]>(
    style,
    [
      { title: "STEP", cell: ({ attempt }) => (many ? attempt.step : ""), shrinksTo: 8 },
      { title: "METRIC", cell: ({ series }) => series.name, shrinksTo: 8 },
      { title: "LAST", cell: ({ series }) => formatNumber(series.last), align: "right" },
      { title: "MIN", cell: ({ series }) => formatNumber(series.min ?? ""), align: "right" },
      { title: "MAX", cell: ({ series }) => formatNumber(series.max ?? ""), align: "right" },
      { title: "VALUES", cell: ({ series }) => String(series.count), align: "right" },
      { title: "COURSE", cell: ({ series }) => course(series, style) },
    ],
    rows,
  );
  return [heading(style, "Metrics"), drawn, ...bars].join("\n");
}

function course({ points }: Series, style: Style): string {
  return sparkline(
    style,
    points.map(({ value }) => value),
    sparkCells,
  );
}
