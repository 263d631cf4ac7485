import { bar } from "./bar.ts";
import { escapeText } from "./escape.ts";
import { formatNumber } from "./number.ts";
import { paint, type Style } from "./style.ts";
import { shorten, textWidth } from "./text-width.ts";

/** How far a step is, as its stage says. */
export interface Progress {
  readonly done: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

const barCells = 20;

/** One line: the step, a bar where the whole is known, the numbers, and the stage's own words. */
export function progressBar(style: Style, step: string, progress: Progress, width: number): string {
  const { done, total, message = "" } = progress;
  const head = step === "" ? "" : `${escapeText(step, style.unicode)} `;
  const drawn = total === undefined ? "" : `${progressCells(style, done, total)} `;
  const numbers =
    total === undefined
      ? formatNumber(done)
      : `${formatNumber(done)}/${formatNumber(total)} ${percent(done, total)}`;
  const frame = style.unicode ? barCells : barCells + 2;
  const taken = textWidth(head) + (drawn === "" ? 0 : frame + 1) + numbers.length + 2;
  const words = shorten(
    escapeText(message, style.unicode),
    Math.max(0, width - taken),
    style.unicode,
  );
  return `${head}${drawn}${numbers}${words === "" ? "" : `  ${paint(style, "dim", words)}`}`;
}

/** Never in a warning colour: nearly done is no danger. */
function progressCells(style: Style, done: number, total: number): string {
  const plain = bar({ ...style, color: false }, { used: done, total }, barCells);
  return paint(style, "cyan", plain);
}

/** 100 % only when it is done. */
function percent(done: number, total: number): string {
  const share = Math.floor((done / total) * 100);
  return `${Math.min(100, Math.max(0, share))}%`;
}
