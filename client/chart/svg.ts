import { formatNumber } from "../render/number.ts";
import { xml } from "./xml.ts";
import { extentOf, type Extent, type Line, type Panel } from "./panels.ts";

const colors = [
  "#1f77b4",
  "#ff7f0e",
  "#2ca02c",
  "#d62728",
  "#9467bd",
  "#8c564b",
  "#e377c2",
  "#17becf",
];
const size = { width: 800, plotHeight: 240, left: 70, right: 20, top: 34, axis: 40, legend: 18 };
const plotWidth = size.width - size.left - size.right;
/** Names in a legend; the lines of more are drawn all the same. */
const mostNamed = 24;
const namesInARow = 4;

/** All panels under each other, as one SVG document. */
export function toSvg(title: string, panels: readonly Panel[]): string {
  let top = 30;
  const drawn: string[] = [text(size.width / 2, 20, title, "middle", 15)];
  for (const panel of panels) {
    drawn.push(`<g transform="translate(0 ${top})">${panelSvg(panel)}</g>`);
    top += heightOf(panel);
  }
  const style = 'font-family="DejaVu Sans, Liberation Sans, Arial, sans-serif" font-size="11"';
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${top}" ` +
    `viewBox="0 0 ${size.width} ${top}" ${style}><rect width="100%" height="100%" fill="white"/>` +
    `${drawn.join("\n")}</svg>\n`
  );
}

function heightOf(panel: Panel): number {
  const rows = Math.ceil(Math.min(mostNamed, panel.lines.length) / namesInARow);
  return size.top + size.plotHeight + size.axis + rows * size.legend;
}

function panelSvg(panel: Panel): string {
  const heading = text(size.left, size.top - 8, panel.title, "start", 13);
  const extent = extentOf(panel);
  if (extent === undefined) return heading + text(size.left, size.top + 20, "no finite value");
  const place = placeOf(extent);
  const lines = panel.lines.map((line, i) => lineSvg(line, colorOf(i), place)).join("");
  return heading + axes(extent, place, panel.xLabel) + lines + legend(panel);
}

interface Place {
  x(value: number): number;
  y(value: number): number;
}

function placeOf({ x: [left, right], y: [low, high] }: Extent): Place {
  return {
    x: (value) => round(size.left + ((value - left) / (right - left)) * plotWidth),
    y: (value) => round(size.top + ((high - value) / (high - low)) * size.plotHeight),
  };
}

function axes({ x, y }: Extent, place: Place, xLabel: string): string {
  const bottom = size.top + size.plotHeight;
  const vertical = ticks(...x).map((value) => {
    const at = place.x(value);
    return grid(at, size.top, at, bottom) + text(at, bottom + 14, formatNumber(value), "middle");
  });
  const horizontal = ticks(...y).map((value) => {
    const at = place.y(value);
    const label = text(size.left - 6, at + 4, formatNumber(value), "end");
    return grid(size.left, at, size.left + plotWidth, at) + label;
  });
  const label = text(size.left + plotWidth / 2, bottom + 30, xLabel, "middle");
  return [...vertical, ...horizontal, label].join("");
}

/** A gap, and a cross at the top, where the value was not finite. */
function lineSvg({ points }: Line, color: string, place: Place): string {
  const pieces: (readonly [number, number])[][] = [[]];
  const odd: string[] = [];
  for (const { x, y } of points) {
    if (y !== undefined) pieces.at(-1)?.push([place.x(x), place.y(y)]);
    else {
      odd.push(text(place.x(x), size.top + 10, "×", "middle", 16, color));
      pieces.push([]);
    }
  }
  return pieces.map((piece) => pieceSvg(piece, color)).join("") + odd.join("");
}

/** A value that stands alone is a dot. */
function pieceSvg(piece: readonly (readonly [number, number])[], color: string): string {
  const [first] = piece;
  if (first === undefined) return "";
  if (piece.length === 1)
    return `<circle cx="${first[0]}" cy="${first[1]}" r="3" fill="${color}"/>`;
  const d = piece.map(([x, y]) => `${x} ${y}`).join("L");
  return `<path d="M${d}" fill="none" stroke="${color}" stroke-width="1.5"/>`;
}

function legend({ lines }: Panel): string {
  const top = size.top + size.plotHeight + size.axis + 6;
  const shown = lines.slice(0, mostNamed).map(({ label }, i) => {
    const x = size.left + (i % namesInARow) * (plotWidth / namesInARow);
    const y = top + Math.floor(i / namesInARow) * size.legend;
    const more =
      i === mostNamed - 1 && lines.length > mostNamed
        ? ` and ${lines.length - mostNamed} more`
        : "";
    const swatch = `<rect x="${x}" y="${y - 8}" width="14" height="4" fill="${colorOf(i)}"/>`;
    return swatch + text(x + 18, y - 2, label + more);
  });
  return shown.join("");
}

/** Round numbers within the ends: about five. */
function ticks(low: number, high: number): number[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function colorOf(index: number): string {
  return colors[index % colors.length] ?? "black";
}

function grid(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#ddd"/>`;
}

function text(
  x: number,
  y: number,
  words: string,
  anchor = "start",
  points = 11,
  fill = "#333",
): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${points}" fill="${fill}">${xml(words)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
