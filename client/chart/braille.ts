import { formatNumber } from "../render/number.ts";
import { escapeText } from "../render/escape.ts";
import { paint, type Format, type Style } from "../render/style.ts";
import { extentOf, type Extent, type Line, type Panel } from "./panels.ts";

const colors: readonly Format[] = ["cyan", "yellow", "green", "magenta", "red", "blue"];
/** Dots of a braille cell, by row and column within it. */
const dotBits = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;
const rows = 8;
/** Lines told apart in one chart. */
const mostLines = colors.length;

/** A chart of text: braille dots where the terminal has them, else stars. */
export function plot(style: Style, panel: Panel): string {
  const extent = extentOf(panel);
  const title = paint(style, "bold", escapeText(panel.title, style.unicode));
  if (extent === undefined) return `${title}\n  no finite value`;
  const [low, high] = extent.y;
  const labels = [formatNumber(high), formatNumber((low + high) / 2), formatNumber(low)];
  const margin = Math.max(...labels.map(({ length }) => length));
  const canvas = new Canvas(
    Math.max(10, Math.min(100, style.width - margin - 4)),
    rows,
    style.unicode,
  );
  const lines = panel.lines.slice(0, mostLines);
  for (const [i, line] of lines.entries()) drawLine(canvas, line, extent, i);
  const labelOf = new Map([
    [0, labels[0]],
    [Math.floor(rows / 2), labels[1]],
    [rows - 1, labels[2]],
  ]);
  const drawn = canvas.lines((cell, color) => paint(style, colors[color] ?? "cyan", cell));
  const body = drawn.map((text, row) => {
    const label = (labelOf.get(row) ?? "").padStart(margin);
    return `${label} ${style.unicode ? "┤" : "|"}${text}`.trimEnd();
  });
  const [from, to] = extent.x.map(formatNumber);
  const axis = `${" ".repeat(margin + 2)}${from} to ${to} ${panel.xLabel}`;
  return [title, ...body, axis, ...legend(style, panel, margin)].join("\n");
}

function legend(style: Style, { lines }: Panel, margin: number): string[] {
  const shown = lines.slice(0, mostLines).map(({ label, points }, i) => {
    const odd = points.filter(({ y }) => y === undefined).length;
    const mark = paint(style, colors[i] ?? "cyan", style.unicode ? "━━" : "**");
    const note = odd === 0 ? "" : ` (${odd} not finite)`;
    return `${mark} ${escapeText(label, style.unicode)}${note}`;
  });
  const rest = lines.length - shown.length;
  const more = rest > 0 ? [`and ${rest} more`] : [];
  return [`${" ".repeat(margin + 2)}${[...shown, ...more].join("  ")}`];
}

/** A value that is not finite is a gap. */
function drawLine(
  canvas: Canvas,
  { points }: Line,
  { x: [left, right], y: [low, high] }: Extent,
  color: number,
): void {
  let before: readonly [number, number] | undefined;
  for (const { x, y } of points) {
    if (y === undefined) {
      before = undefined;
      continue;
    }
    const dot = [
      Math.round(((x - left) / (right - left)) * (canvas.width - 1)),
      Math.round(((high - y) / (high - low)) * (canvas.height - 1)),
    ] as const;
    canvas.line(before ?? dot, dot, color);
    before = dot;
  }
}

/** Dots on cells of a terminal; two by four to a cell in braille, one to a cell otherwise. */
class Canvas {
  readonly width: number;
  readonly height: number;
  readonly #columns: number;
  readonly #unicode: boolean;
  readonly #bits: number[];
  readonly #colors: number[];

  constructor(columns: number, lines: number, unicode: boolean) {
    this.#columns = columns;
    this.#unicode = unicode;
    this.width = unicode ? columns * 2 : columns;
    this.height = unicode ? lines * 4 : lines;
    this.#bits = new Array<number>(columns * lines).fill(0);
    this.#colors = new Array<number>(columns * lines).fill(0);
  }

  /** A straight line, ends included. */
  line(
    [x0, y0]: readonly [number, number],
    [x1, y1]: readonly [number, number],
    color: number,
  ): void {
    const steps = Math.max(1, Math.abs(x1 - x0), Math.abs(y1 - y0));
    for (let i = 0; i <= steps; i++) {
      const part = i / steps;
      this.#dot(Math.round(x0 + (x1 - x0) * part), Math.round(y0 + (y1 - y0) * part), color);
    }
  }

  lines(painted: (cell: string, color: number) => string): string[] {
    const cells = this.#bits.map((bits, i) =>
      bits === 0 ? " " : painted(this.#character(bits), this.#colors[i] ?? 0),
    );
    const count = cells.length / this.#columns;
    return Array.from({ length: count }, (_, line) =>
      cells.slice(line * this.#columns, (line + 1) * this.#columns).join(""),
    );
  }

  #dot(x: number, y: number, color: number): void {
    const [wide, high] = this.#unicode ? [2, 4] : [1, 1];
    const cell = Math.floor(y / high) * this.#columns + Math.floor(x / wide);
    this.#bits[cell] = (this.#bits[cell] ?? 0) | (dotBits[y % high]?.[x % wide] ?? 0);
    this.#colors[cell] = color;
  }

  #character(bits: number): string {
    return this.#unicode ? String.fromCodePoint(0x2800 + bits) : "*";
  }
}
