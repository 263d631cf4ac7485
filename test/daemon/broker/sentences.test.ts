import { describe, expect, it } from "vitest";
import { limitSentence } from "../../../daemon/broker/sentences.ts";
import { exceedsSentence } from "../../../daemon/domain/end-words.ts";
import type { LimitOrigin } from "../../../daemon/domain/footprint.ts";
import { gib, mib } from "../../support/box.ts";

const measured = (peakNeedBytes: number): LimitOrigin => ({
  kind: "measured",
  runId: "run_a",
  peakNeedBytes,
});

describe("a limit says in words where it came from", () => {
  it.each<[LimitOrigin, number, string]>([
    [
      { kind: "default" },
      512 * mib,
      "512 MiB: the configured default, as nothing is known of it yet",
    ],
    [{ kind: "asked" }, 1.5 * gib, "1.5 GiB: as asked"],
    [{ kind: "pinned" }, 2 * gib, "2 GiB: set by a person for this calibration key"],
    [measured(1.1 * gib), 1.21 * gib, "1.21 GiB: 10% over the 1.1 GiB measured in run_a"],
    [measured(2 * mib), 32 * mib, "32 MiB: 30 MiB over the 2 MiB measured in run_a"],
    [
      measured(8 * gib),
      8 * gib,
      "8 GiB: the most it can get here, for the 8 GiB measured in run_a",
    ],
    [
      { kind: "escalated", runId: "run_b", killedAtBytes: 512 * mib },
      gib,
      "1 GiB: 2 times the 512 MiB that run_b was killed at",
    ],
    [
      { kind: "escalated", killedAtBytes: 6 * gib },
      8 * gib,
      "8 GiB: 1.3 times the 6 GiB that this run was killed at",
    ],
  ])("%j", (origin, limitBytes, sentence) => {
    expect(limitSentence(origin, limitBytes)).toBe(sentence);
  });
});

describe("a need above the ceiling is told with both numbers", () => {
  it.each([
    [5 * gib, 4 * gib, "it needs at least 5 GiB, and 4 GiB is the most it can get here"],
    [
      6.8 * gib,
      7 * gib,
      "it needs more than 6.8 GiB, and hardly more can be had here: 7 GiB at most",
    ],
    [4 * gib + 1, 4 * gib, "it needs more than the 4 GiB that it can get here at most"],
  ])("%i of %i", (neededBytes, ceilingBytes, sentence) => {
    expect(exceedsSentence(neededBytes, ceilingBytes)).toBe(sentence);
  });
});
