import { expect, test } from "vitest";
import { timeline } from "../../../client/page/timeline.ts";
import type { Report } from "../../../client/render/report/words.ts";

const minuteMs = 60_000;
/** So many runs at once, each of its own name, the last the longest. */
const drawn = (count: number, moreBars: number): string => {
  const bars = Array.from({ length: count }, (_, i) => ({
    ...{ id: `run_${i}`, name: `n${i}`, state: "succeeded" },
    ...{ createdAt: i * minuteMs, startedAt: i * minuteMs, endedAt: (2 * i + 1) * minuteMs },
  }));
  return timeline({ bars, moreBars, sinceAt: 0, untilAt: 300 * minuteMs } as unknown as Report);
};
const said = (text: string): string[] => text.match(/\d+ more runs? (is|are) not drawn/g) ?? [];

test("runs that are left out are counted, those of lanes beyond the last one, too, and called nothing else", () => {
  expect(said(drawn(60, 0))).toEqual([]);
  expect(said(drawn(61, 0))).toEqual(["1 more run is not drawn"]);
  expect(said(drawn(65, 7))).toEqual(["12 more runs are not drawn"]);
  expect(drawn(65, 0)).not.toContain("shorter");
});

test("words and legend count what is drawn", () => {
  const text = drawn(65, 0);
  expect(text.match(/<title>n\d+, succeeded/g)).toHaveLength(60);
  expect(text).toContain("60 runs in 60 lanes");
  expect(text).toContain("60 succeeded");
});
