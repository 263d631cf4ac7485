/** What a value that is no finite number is called: JSON has no number for it. */
export const nonFiniteNames = ["NaN", "Infinity", "-Infinity"] as const;
export type NonFiniteName = (typeof nonFiniteNames)[number];

/** A metric's value: a finite number, or the name of what it is instead. */
export type MetricValue = number | NonFiniteName;

/** One value of a metric as `metrics.csv` has it. */
export interface MetricRow {
  /** Epoch ms. */
  readonly at: number;
  /** As the stage counts. */
  readonly step?: number;
  readonly name: string;
  readonly value: MetricValue;
}

/** First line of every metrics file. */
export const metricHeader = "at,step,name,value\n";

/** One line, its newline included. A name's control characters are written as in JSON: a row is a line. */
export function metricLine({ at, step, name, value }: MetricRow): string {
  return `${at},${step ?? ""},${csvText(name)},${value}\n`;
}

/** The row in a line without its newline; undefined for anything that we did not write. */
export function parseMetricLine(line: string): MetricRow | undefined {
  const found = /^([\d.e+]+),([^,]*),(?:"((?:[^"]|"")*)"|([^",]*)),(.+)$/.exec(line);
  if (found === null) return undefined;
  const [, at = "", step = "", quoted, plain = "", text = ""] = found;
  const value = nonFiniteNames.find((name) => name === text) ?? Number(text);
  if (Number.isNaN(value) || Number.isNaN(Number(step))) return undefined;
  const name = quoted?.replaceAll('""', '"') ?? plain;
  return { at: Number(at), ...(step !== "" && { step: Number(step) }), name, value };
}

function csvText(name: string): string {
  if (/^[\w./-]+$/.test(name)) return name;
  const escaped = name.replace(/[\u0000-\u001f\u007f]/g, (character) =>
    JSON.stringify(character).slice(1, -1),
  );
  return /[",]/.test(escaped) ? `"${escaped.replaceAll('"', '""')}"` : escaped;
}
