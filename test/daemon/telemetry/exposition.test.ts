import { expect, test } from "vitest";
import { each, exposition, metric } from "../../../daemon/telemetry/exposition.ts";
import { Histogram } from "../../../daemon/telemetry/histogram.ts";
import { scrape } from "./prometheus.ts";

test("is the text format, byte for byte", () => {
  const text = exposition([
    metric("counter", "blut_x_total", "A line\nand a \\", 3),
    metric("gauge", "blut_y", "Some", [
      { labels: { a: 'q"\n\\', b: "c" }, value: 0.5 },
      { labels: { a: "d", b: "e" }, value: Infinity },
    ]),
    metric("gauge", "blut_none", "Nobody knows", undefined),
    metric(
      "gauge",
      "blut_z",
      "Each",
      each("of", ["m", "n"], (word) => word.length),
    ),
  ]);
  expect(text).toBe(
    [
      "# HELP blut_x_total A line\\nand a \\\\",
      "# TYPE blut_x_total counter",
      "blut_x_total 3",
      "# HELP blut_y Some",
      "# TYPE blut_y gauge",
      'blut_y{a="q\\"\\n\\\\",b="c"} 0.5',
      'blut_y{a="d",b="e"} +Inf',
      "# HELP blut_z Each",
      "# TYPE blut_z gauge",
      'blut_z{of="m"} 1',
      'blut_z{of="n"} 1',
      "",
    ].join("\n"),
  );
  expect(scrape(text).values.get('blut_y{a="q\\"\\n\\\\",b="c"}')).toBe(0.5);
});

test("a histogram counts each value in every bucket that takes it", () => {
  const histogram = new Histogram([0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 7]) histogram.observe(value);
  const { values } = scrape(exposition([histogram.metric("blut_h", "How long")]));
  expect([...values]).toEqual([
    ['blut_h_bucket{le="0.1"}', 2],
    ['blut_h_bucket{le="1"}', 3],
    ['blut_h_bucket{le="+Inf"}', 4],
    ["blut_h_sum", 7.65],
    ["blut_h_count", 4],
  ]);
});
