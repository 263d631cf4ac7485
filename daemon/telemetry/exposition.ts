/** One value of a metric, with the labels that tell it from its others. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
  /** Behind the metric's name: `_bucket`, `_sum` or `_count` of a histogram. */
  readonly suffix?: string;
}

/** A metric as Prometheus knows it. */
export interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** Metrics in Prometheus' text format, version 0.0.4. One without a value is left out. */
export function exposition(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, type, help, samples }) => [
      `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
      `# TYPE ${name} ${type}`,
      ...samples.map((sample) => sampleLine(name, sample)),
    ])
    .map((line) => `${line}\n`)
    .join("");
}

function sampleLine(name: string, { labels = {}, value, suffix = "" }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  const set = pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
  return `${name}${suffix}${set} ${numeral(value)}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function numeral(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

/** A gauge or a counter of one value, or of one for each value of a label. */
export function metric(
  type: "counter" | "gauge",
  name: string,
  help: string,
  values: number | undefined | readonly Sample[],
): Metric {
  if (values === undefined) return { name, type, help, samples: [] };
  return { name, type, help, samples: typeof values === "number" ? [{ value: values }] : values };
}

/** A sample for each of these words, in the label. */
export function each(
  label: string,
  words: readonly string[],
  valueOf: (word: string) => number,
): Sample[] {
  return words.map((word) => ({ labels: { [label]: word }, value: valueOf(word) }));
}
