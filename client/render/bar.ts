import { paint, type Style } from "./style.ts";

/** What a bar shows; all in one unit. `held` is the part spoken for, in use or not. */
export interface BarValue {
  readonly used: number;
  readonly held?: number;
  readonly total: number;
}

/** A bar of so many cells: in use, held, free. Blocks where the terminal has them, else `[##==..]`. */
export function bar(style: Style, { used, held = used, total }: BarValue, cells: number): string {
  const usedCells = cellsOf(used, total, cells);
  const heldCells = Math.max(usedCells, cellsOf(held, total, cells));
  const [full, spoken, free] = style.unicode ? ["█", "▒", "░"] : ["#", "=", "."];
  const color = used / total >= 0.9 ? "red" : used / total >= 0.7 ? "yellow" : "green";
  const drawn =
    paint(style, color, full.repeat(usedCells)) +
    paint(style, color, spoken.repeat(heldCells - usedCells)) +
    paint(style, "dim", free.repeat(cells - heldCells));
  return style.unicode ? drawn : `[${drawn}]`;
}

/** At least one cell for something, and the last cell only when it is full. */
function cellsOf(amount: number, total: number, cells: number): number {
  if (amount <= 0 || total <= 0) return 0;
  if (amount >= total) return cells;
  return Math.min(cells - 1, Math.max(1, Math.round((amount / total) * cells)));
}
