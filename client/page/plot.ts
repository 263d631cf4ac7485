import { scaleLinear, scaleTime } from "d3-scale";
import { xml } from "../chart/xml.ts";
import { formatBytes } from "../render/bytes.ts";

/*
 * Charts that fit any width without a script: the drawing is stretched inside its frame, while words and
 * lines stand at percentages of it and keep their size.
 */

/** The room that drawings have inside; x is stretched to the frame's width, y to its height. */
const inside = { width: 1000, height: 100 } as const;

/** What a chart shows: a span of time, and bytes from none to some. */
export interface Frame {
  readonly sinceAt: number;
  readonly untilAt: number;
  readonly mostBytes: number;
  /** Pixels of the plot. */
  readonly height: number;
}

/** Where things stand in a frame. */
export interface Place {
  /** Within {@link inside}. */
  readonly x: (at: number) => number;
  readonly y: (bytes: number) => number;
  /** Percent of the width, for what must not be stretched. */
  readonly percent: (at: number) => string;
}

const minuteMs = 60_000;
const day = 1440 * minuteMs;
const mostTicks = 5;
const axisHeight = 22;

/** The scales of a frame. */
export function placeIn({ sinceAt, untilAt, mostBytes }: Frame): Place {
  const x = scaleLinear([sinceAt, untilAt], [0, inside.width]);
  const y = scaleLinear([0, mostBytes], [inside.height, 0]);
  return {
    x: (at) => round(x(at)),
    y: (bytes) => round(y(bytes)),
    percent: (at) => `${round(x(at) / 10)}%`,
  };
}

/** A chart with its axes: `drawn` is stretched, `over` is laid over it as it is. */
export function chart(
  words: { readonly title: string; readonly about: string },
  frame: Frame,
  drawn: string,
  over = "",
): string {
  const { height } = frame;
  const { grid, labels } = byteAxis(frame);
  return figure(
    words,
    height + axisHeight,
    `${timeGrid(frame, height)}${grid}` +
      `<svg x="0" y="0" width="100%" height="${height}" viewBox="0 0 ${inside.width} ${inside.height}" ` +
      `preserveAspectRatio="none">${drawn}</svg>${over}${labels}${timeLabels(frame, height)}`,
  );
}

/** A picture of so many pixels in height, with words for those who do not see it. */
export function figure(
  { title, about }: { readonly title: string; readonly about: string },
  height: number,
  drawn: string,
): string {
  return (
    `<svg class="chart" role="img" width="100%" height="${height}" aria-label="${xml(title)}">` +
    `<title>${xml(title)}</title><desc>${xml(about)}</desc>${drawn}</svg>`
  );
}

/** Lines from top to bottom at round times. */
export function timeGrid(frame: Pick<Frame, "sinceAt" | "untilAt">, height: number): string {
  return timeTicks(frame)
    .map(({ at }) => `<line class="grid" x1="${at}" x2="${at}" y1="0" y2="${height}"/>`)
    .join("");
}

/** The times under a chart. */
export function timeLabels(frame: Pick<Frame, "sinceAt" | "untilAt">, height: number): string {
  return timeTicks(frame)
    .map(({ at, label }) => `<text class="tick" x="${at}" y="${height + 15}">${label}</text>`)
    .join("");
}

function timeTicks({ sinceAt, untilAt }: Pick<Frame, "sinceAt" | "untilAt">) {
  const scale = scaleTime([sinceAt, untilAt], [0, 100]);
  const format = scale.tickFormat(mostTicks, clockFormat(untilAt - sinceAt));
  const all = scale
    .ticks(mostTicks)
    .map((date) => ({ at: scale(date), label: format(date) }))
    .filter(({ at }) => at > 4 && at < 96);
  // The library takes the count for a hint, and a phone has room for so many.
  const every = Math.ceil(all.length / mostTicks);
  return all
    .filter((_, i) => i % every === 0)
    .map(({ at, label }) => ({ at: `${round(at)}%`, label: xml(label) }));
}

function clockFormat(spanMs: number): string {
  if (spanMs > 2 * day) return "%b %d";
  return spanMs > 10 * minuteMs ? "%H:%M" : "%H:%M:%S";
}

/** Round sizes, above their lines so that they need no margin. */
function byteAxis({ mostBytes, height }: Frame): {
  readonly grid: string;
  readonly labels: string;
} {
  const unit = mostBytes >= 2 * 1024 ** 3 ? 1024 ** 3 : 1024 ** 2;
  const scale = scaleLinear([0, mostBytes / unit], [height, 0]);
  const ticks = scale.ticks(height > 160 ? 5 : 3).filter((tick) => tick > 0 && scale(tick) > 14);
  const at = (tick: number): number => round(scale(tick));
  return {
    grid: ticks
      .map((t) => `<line class="grid" x1="0" x2="100%" y1="${at(t)}" y2="${at(t)}"/>`)
      .join(""),
    labels: ticks
      .map((t) => `<text class="size" x="2" y="${at(t) - 3}">${formatBytes(t * unit)}</text>`)
      .join(""),
  };
}

/** Two digits after the point are a tenth of a pixel. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
