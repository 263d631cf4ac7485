import type { LimitOrigin } from "../domain/footprint.ts";
import { formatBytes } from "../domain/quantity.ts";

/** A limit and where it came from, in words: `1.2 GiB: 10% over the 1.1 GiB measured in run_...`. */
export function limitSentence(origin: LimitOrigin, limitBytes: number): string {
  const limit = formatBytes(limitBytes);
  switch (origin.kind) {
    case "default":
      return `${limit}: the configured default, as nothing is known of it yet`;
    case "asked":
      return `${limit}: as asked`;
    case "declared":
      return `${limit}: as its recipe declares, until it has been measured`;
    case "pinned":
      return `${limit}: set by a person for this calibration key`;
    case "measured":
      return `${limit}: ${over(limitBytes, origin.peakNeedBytes)} the ${formatBytes(origin.peakNeedBytes)} measured in ${origin.runId}`;
    case "escalated":
      return `${limit}: ${times(limitBytes, origin.killedAtBytes)} the ${formatBytes(origin.killedAtBytes)} that ${origin.runId ?? "this run"} was killed at`;
  }
}

/** Percent say much about a large peak and nothing about one far below the smallest limit. */
function over(limitBytes: number, peakBytes: number): string {
  const percent = Math.round((limitBytes / peakBytes - 1) * 100);
  if (percent < 1) return "the most it can get here, for";
  return percent <= 50 ? `${percent}% over` : `${formatBytes(limitBytes - peakBytes)} over`;
}

function times(limitBytes: number, killedAtBytes: number): string {
  return `${Number((limitBytes / killedAtBytes).toPrecision(2))} times`;
}
