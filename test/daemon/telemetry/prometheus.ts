/** What a scrape came to: values by `name{label="value"}`, and the type of each metric. */
export interface Scraped {
  readonly values: ReadonlyMap<string, number>;
  readonly types: ReadonlyMap<string, string>;
}

const name = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\\\\\|\\\\"|\\\\n)*"';
const sampleLine = new RegExp(`^(${name})(\\{${label}(?:,${label})*\\})? (\\S+)$`);
const number = /^(?:[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[+-]Inf)$/;

/**
 * Reads the text format as its specification has it, and stricter than Prometheus: a metric's lines stand
 * together behind one HELP and one TYPE, no sample comes twice, counters end in `_total` and nothing else does.
 */
export function scrape(text: string): Scraped {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const values = new Map<string, number>();
  const types = new Map<string, string>();
  let current = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const [, helped] = new RegExp(`^# HELP (${name}) \\S.*$`).exec(line) ?? [];
    const [, typed, type] =
      new RegExp(`^# TYPE (${name}) (counter|gauge|histogram)$`).exec(line) ?? [];
    if (helped !== undefined) {
      if (types.has(helped)) throw new Error(`${helped} comes twice`);
      current = helped;
    } else if (typed !== undefined && type !== undefined) {
      if (typed !== current || types.has(typed)) throw new Error(`out of place: ${line}`);
      if ((type === "counter") !== typed.endsWith("_total"))
        throw new Error(`named wrongly: ${line}`);
      types.set(typed, type);
    } else {
      const [, sampled = "", labels = "", value = ""] = sampleLine.exec(line) ?? [];
      const base =
        types.get(current) === "histogram"
          ? sampled.replace(/_(?:bucket|sum|count)$/, "")
          : sampled;
      if (base === "" || base !== current || !types.has(base))
        throw new Error(`out of place: ${line}`);
      if (!number.test(value)) throw new Error(`no number: ${line}`);
      if (values.has(sampled + labels)) throw new Error(`twice: ${line}`);
      values.set(sampled + labels, Number(value.replace("Inf", "Infinity")));
    }
  }
  return { values, types };
}
