import { expect, test } from "vitest";
import { systemClock } from "../../../daemon/base/clock.ts";
import { exposition } from "../../../daemon/telemetry/exposition.ts";
import { processMetrics } from "../../../daemon/telemetry/of-process.ts";
import { scrape } from "./prometheus.ts";

test.each([
  { stamp: { version: "1.2.3" }, labels: 'version="1.2.3"' },
  { stamp: { version: "1.2.3", commit: "ab" }, labels: 'version="1.2.3",commit="ab"' },
  {
    stamp: { version: "1.2.3", commit: "ab", dirty: false },
    labels: 'version="1.2.3",commit="ab",dirty="false"',
  },
])("a build is labelled with what is known of it: $labels", async ({ stamp, labels }) => {
  const metrics = await processMetrics({ stamp, database: "/nowhere", clock: systemClock });
  const { values } = scrape(exposition(metrics));
  expect([...values.keys()].filter((name) => name.startsWith("blut_build_info"))).toEqual([
    `blut_build_info{${labels}}`,
  ]);
});
