import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

/** `fault 4, 6: a run that ended ...` or `security 9: ...` at the start of a test's name. */
const title = /["'`](fault|security) (\d+(?:, ?\d+)*)[:,]/g;

const proved = { fault: new Set<number>(), security: new Set<number>() };
for (const file of globSync("test/**/*.test.ts", { cwd: join(import.meta.dirname, "../..") })) {
  const text = readFileSync(join(import.meta.dirname, "../..", file), "utf8");
  for (const [, kind, numbers = ""] of text.matchAll(title)) {
    const rows = kind === "fault" ? proved.fault : proved.security;
    for (const number of numbers.split(",")) rows.add(Number(number));
  }
}

/** What is promised so far; a row is added here together with its test. */
const promised = {
  fault: "1 3-8 10 12-24 27-31 34 35 41 42",
  security: "1-10",
};

function spread(ranges: string): number[] {
  return ranges.split(" ").flatMap((range) => {
    const [first = NaN, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

describe("every promised row has a test that names it", () => {
  it.each(spread(promised.fault))("row %i of the fault matrix", (row) => {
    expect(proved.fault).toContain(row);
  });

  it.each(spread(promised.security))("security rule %i", (rule) => {
    expect(proved.security).toContain(rule);
  });
});
