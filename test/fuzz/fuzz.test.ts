import { describe, expect, it } from "vitest";
import { parseDuration, parseSize } from "../../daemon/domain/quantity.ts";
import { FrameDecoder } from "../../daemon/protocol/framing.ts";
import { mutate, seededRandom } from "./mutate.ts";
import { fuzzTargets, quantities, wireFrames } from "./targets.ts";

describe("security 13: a short fuzz of", () => {
  it.each(fuzzTargets)("$name", ({ seeds, tokens, check }) => {
    for (const seed of seeds) check(seed);
    for (let seed = 0; seed < 20_000; seed++) check(mutate(seededRandom(seed), seeds, tokens));
  });
});

describe("the corpus", () => {
  it.each(wireFrames)("decodes as written: $name", ({ base64, events }) => {
    const decoded = new FrameDecoder().push(Buffer.from(base64, "base64"));
    expect(decoded).toHaveLength(events.length);
    for (const [i, event] of events.entries()) expect(decoded[i]).toMatchObject(event);
  });

  it.each(Object.entries(quantities.sizes))("size %j", (text, bytes) => {
    const parsed = parseSize(text);
    expect(parsed.ok ? parsed.value : null).toBe(bytes);
  });

  it.each(Object.entries(quantities.durations))("duration %j", (text, ms) => {
    const parsed = parseDuration(text);
    expect(parsed.ok ? parsed.value : null).toBe(ms);
  });
});
