import { isReached, type Figure } from "./support/figure.ts";

/** The figures as lines that fit a terminal: what, ours, the peer's, their ratio, what was to be reached. */
export function table(figures: readonly Figure[]): string {
  const rows = [
    ["figure", "measured", "peer", "ratio", "target", ""],
    ...figures.map((figure) => [
      figure.what,
      withP99(figure.value, figure.unit, figure.p99),
      figure.peer
        ? `${withP99(figure.peer.value, figure.unit, figure.peer.p99)} ${figure.peer.what}`
        : "",
      figure.ratio === undefined ? "" : `${shown(figure.ratio)}x`,
      targetOf(figure),
      verdictOf(figure),
    ]),
  ];
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function verdictOf(figure: Figure): string {
  const reached = isReached(figure);
  return reached === undefined ? "" : reached ? "reached" : "MISSED";
}

function targetOf({ target, unit }: Figure): string {
  if (target === undefined) return "";
  const { of, is, bound } = target;
  return `${is} ${of === "ratio" ? `${bound}x` : `${bound} ${unit}`}`;
}

function withP99(value: number, unit: string, p99?: number): string {
  return `${shown(value)} ${unit}${p99 === undefined ? "" : ` (p99 ${shown(p99)})`}`;
}

/** Three digits tell enough of anything that was measured. */
function shown(value: number): string {
  if (value !== 0 && Math.abs(value) < 1000) return String(Number(value.toPrecision(3)));
  return String(Math.round(value));
}
