import { area, curveStepAfter, line } from "d3-shape";
import { formatBytes } from "../render/bytes.ts";
import type { Report } from "../render/report/words.ts";
import { chart, placeIn, round, type Frame, type Place } from "./plot.ts";

type Minute = Report["minutes"][number];
/** A point of a course; undefined where nothing ran. */
type Point = Minute | undefined;

/** The box over the span: limits, need, what was available, and the minutes in which it was near its end. */
export function boxChart(report: Report): string {
  const { minutes, stepMs, sinceAt, untilAt, box } = report;
  if (minutes.length === 0) return "";
  const mostBytes = 1.06 * Math.max(...minutes.flatMap(topsOf));
  const frame: Frame = { sinceAt, untilAt, mostBytes, height: 240 };
  const place = placeIn(frame);
  const points = withGaps(minutes, stepMs);
  const course = (of: (minute: Minute) => number): string =>
    line<Point>()
      .defined((minute) => minute !== undefined)
      .curve(curveStepAfter)
      .x((minute) => place.x(minute?.at ?? 0))
      .y((minute) => place.y(minute === undefined ? 0 : of(minute)))(points) ?? "";
  const needed = area<Point>()
    .defined((minute) => minute !== undefined)
    .curve(curveStepAfter)
    .x((minute) => place.x(minute?.at ?? 0))
    .y0(place.y(0))
    .y1((minute) => place.y(minute?.needBytes ?? 0))(points);
  const drawn = [
    ...minutes
      .filter((minute) => isNear(minute, box.pressureStop))
      .map((m) => band(m, stepMs, place)),
    `<path class="need" d="${needed ?? ""}"/>`,
    `<path class="limits" d="${course(({ limitBytes }) => limitBytes)}"/>`,
    `<path class="available" d="${course(({ availableBytes }) => availableBytes)}"/>`,
    `<path class="budget" d="${course(({ budgetBytes }) => budgetBytes)}"/>`,
    `<path class="floor" d="${course(({ floorBytes }) => floorBytes)}"/>`,
  ];
  const near = minutes.filter((minute) => isNear(minute, box.pressureStop)).length;
  const about =
    `Needed at most ${formatBytes(Math.max(...minutes.map(({ needBytes }) => needBytes)))}, ` +
    `available at least ${formatBytes(box.leastAvailableBytes ?? 0)}; ${near} of ${minutes.length} parts were near-misses.`;
  const words = { title: "Memory of the box over time", about };
  return chart(words, frame, drawn.join("")) + legend();
}

/** Whether a minute is a near-miss: less available than is kept free, or pressure at which nothing starts. */
function isNear(minute: Minute, pressureStop: number): boolean {
  const { availableBytes, floorBytes, pressureFull = 0 } = minute;
  return availableBytes < floorBytes || pressureFull >= pressureStop;
}

function topsOf({ limitBytes, availableBytes, budgetBytes }: Minute): number[] {
  return [limitBytes, availableBytes, budgetBytes];
}

/** What ends before the next one begins is followed by nothing: a line must not bridge it. */
function withGaps(minutes: readonly Minute[], stepMs: number): Point[] {
  return minutes.flatMap((minute, i) => {
    const next = minutes[i + 1];
    const end = { ...minute, at: minute.at + stepMs };
    if (next === undefined) return [minute, end];
    return next.at - minute.at > stepMs ? [minute, end, undefined] : [minute];
  });
}

function band(minute: Minute, stepMs: number, place: Place): string {
  const left = place.x(minute.at);
  const width = round(Math.max(2, place.x(minute.at + stepMs) - left));
  return `<rect class="near" x="${left}" y="0" width="${width}" height="100"/>`;
}

function legend(): string {
  const entries = [
    ["need", "needed"],
    ["limits", "sum of limits"],
    ["available", "available"],
    ["budget", "budget"],
    ["floor", "kept free"],
    ["near", "near-miss"],
  ] as const;
  const items = entries.map(
    ([kind, words]) =>
      `<li><svg class="key" width="22" height="12" aria-hidden="true">${key(kind)}</svg>${words}</li>`,
  );
  return `<ul class="legend">${items.join("")}</ul>`;
}

function key(kind: string): string {
  return kind === "need" || kind === "near"
    ? `<rect class="${kind}" x="1" y="1" width="20" height="10"/>`
    : `<path class="${kind}" d="M1 6H21"/>`;
}
