import { describe, expect, it } from "vitest";
import { StarvationGuard } from "../../../daemon/launcher/scope/starvation.ts";

const mib = 1024 ** 2;
const limitBytes = 64 * mib;
const pressed = { needBytes: 63 * mib, fileBytes: mib };

/** Seconds until the guard speaks, with these refaults a second; undefined when it never does in a minute. */
function starvesAfter(
  sample: { needBytes: number; fileBytes: number },
  refaults: (second: number) => number,
): number | undefined {
  const guard = new StarvationGuard(limitBytes);
  for (
    let second = 0, refaultedPages = 0;
    second <= 60;
    second++, refaultedPages += refaults(second)
  ) {
    if (guard.isStarved(second * 1000, { ...sample, refaultedPages })) return second;
  }
  return undefined;
}

describe("StarvationGuard", () => {
  it("work that only reads its own text back is out of memory after five seconds", () => {
    expect(starvesAfter(pressed, () => 70_000)).toBe(5);
  });

  it("work below its limit may refault as it likes", () => {
    expect(
      starvesAfter({ needBytes: 30 * mib, fileBytes: 34 * mib }, () => 70_000),
    ).toBeUndefined();
  });

  it("work at its limit that gets on is left alone", () => {
    expect(starvesAfter(pressed, () => 500)).toBeUndefined();
  });

  it("one better second starts the count again", () => {
    expect(starvesAfter(pressed, (second) => (second % 4 === 0 ? 0 : 70_000))).toBeUndefined();
  });
});
