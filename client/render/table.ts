import { escapeText } from "./escape.ts";
import { paint, type Style } from "./style.ts";
import { shorten, shortenMiddle, textWidth, wrapped } from "./text-width.ts";

/** One column: how a row's cell reads, and how it behaves when the line gets too long. */
export interface Column<Row> {
  readonly title: string;
  /** The cell as plain text, any characters; the table escapes it. */
  readonly cell: (row: Row) => string;
  /** Colours the padded cell, or draws in it as many cells as it has. */
  readonly color?: (style: Style, text: string, row: Row) => string;
  readonly align?: "right";
  /** Gives way, down to so many cells, when the line is longer than the terminal. */
  readonly shrinksTo?: number;
  /** What is too long loses its middle instead of its end. */
  readonly losesMiddle?: true;
  /** The last column goes on below itself, word by word, instead of being cut. */
  readonly wraps?: true;
}

const gap = "  ";

/** An aligned table that fits the terminal. A column that no row uses is not shown. */
export function table<Row>(
  style: Style,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): string {
  const used = columns
    .map((column) => ({
      column,
      cells: rows.map((row) => escapeText(column.cell(row), style.unicode)),
    }))
    .filter(({ cells }) => cells.some((cell) => cell !== ""));
  const widths = fit(
    used.map(({ column, cells }) => ({
      width: Math.max(textWidth(column.title), ...cells.map(textWidth)),
      least: column.shrinksTo,
    })),
    style.width,
  );
  const line = (cellOf: (index: number) => string): string =>
    used
      .map((_, index) => cellOf(index))
      .join(gap)
      .trimEnd();
  const pad = (text: string, index: number): string =>
    padTo(text, widths[index] ?? 0, used[index]?.column ?? {}, style.unicode);
  const header = paint(
    style,
    "bold",
    line((i) => pad(used[i]?.column.title ?? "", i)),
  );
  const last = used.length - 1;
  const indent = " ".repeat(sum(widths.slice(0, -1)) + gap.length * last);
  const body = rows.flatMap((row, r) => {
    const [first = "", ...below] =
      used[last]?.column.wraps === true
        ? wrapped(used[last].cells[r] ?? "", widths[last] ?? 0)
        : [used[last]?.cells[r] ?? ""];
    const top = line((i) => {
      const text = pad(i === last ? first : (used[i]?.cells[r] ?? ""), i);
      return used[i]?.column.color?.(style, text, row) ?? text;
    });
    return [top, ...below.map((text) => indent + shorten(text, widths[last] ?? 0, style.unicode))];
  });
  return [header, ...body].join("\n");
}

function padTo(
  text: string,
  width: number,
  { align, losesMiddle }: Pick<Column<never>, "align" | "losesMiddle">,
  unicode: boolean,
): string {
  const short = (losesMiddle === true ? shortenMiddle : shorten)(text, width, unicode);
  const blank = " ".repeat(Math.max(0, width - textWidth(short)));
  return align === "right" ? blank + short : short + blank;
}

/** Takes what the line is too long from the columns that give way: the widest, of equals the right one. */
function fit(
  wanted: readonly { readonly width: number; readonly least: number | undefined }[],
  lineWidth: number,
): number[] {
  const widths = wanted.map(({ width }) => width);
  let over = sum(widths) + gap.length * (widths.length - 1) - lineWidth;
  while (over > 0) {
    const widest = wanted
      .map(({ least }, index) => ({ index, spare: (widths[index] ?? 0) - (least ?? Infinity) }))
      .filter(({ spare }) => spare > 0)
      .sort((a, b) => (widths[a.index] ?? 0) - (widths[b.index] ?? 0))
      .at(-1);
    if (widest === undefined) break;
    widths[widest.index] = (widths[widest.index] ?? 0) - 1;
    over -= 1;
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
