import type { Calibration } from "../domain/calibration.ts";
import type { Footprint, LimitOrigin, MemoryAsk } from "../domain/footprint.ts";
import { mib } from "../domain/quantity.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { MemoryPolicy } from "../config/config.ts";
import { plausible, withoutPoison } from "./calibration.ts";

/** No limit that we work out is smaller: below it an interpreter's own pages hardly fit. */
const floorBytes = 32 * mib;
/** A retry that can be given less than this share more is a wasted run. */
const leastGain = 1.05;

/**
 * What the box could give to a single step if nothing else of ours ran: now, and at the best moment seen.
 * It is less than the budget where the rest of the box uses memory, and a limit above it never starts.
 */
export interface Attainable {
  readonly nowBytes: number;
  readonly bestBytes: number;
}

/** All that a footprint depends on; sizes in bytes. */
export interface FootprintQuestion {
  readonly history?: Calibration | undefined;
  readonly ask: MemoryAsk;
  /** Largest limit that this very step was killed at; holds even when the calibration was forgotten. */
  readonly killedAtBytes?: number | undefined;
  readonly policy: Pick<
    MemoryPolicy,
    "defaultBytes" | "escalationFactor" | "marginRatio" | "marginBytes"
  >;
  readonly budgetBytes: number;
  readonly attainable?: Attainable | undefined;
}

/**
 * The need is known to be at least `neededBytes`, and `ceilingBytes` is the most it may get. After a kill
 * just below the ceiling the two may be in order: what is left between them is not worth another try.
 */
export interface ExceedsHost {
  readonly reason: "footprint-exceeds-host";
  readonly neededBytes: number;
  readonly ceilingBytes: number;
}

/** A limit worth giving, and the least that the step is known (or said) to need. */
interface Proposal {
  readonly bytes: number;
  readonly leastBytes: number;
  readonly origin: LimitOrigin;
}

/**
 * How much memory the next attempt gets, and why. The ceiling is the smaller of the budget and what
 * the submitter allowed; a need known to be above it is refused with both numbers.
 */
export function footprintOf(question: FootprintQuestion): Result<Footprint, ExceedsHost> {
  const { ask, budgetBytes, attainable, killedAtBytes = 0 } = question;
  const ceilingBytes = Math.min(budgetBytes, ask.ceilingBytes ?? Infinity);
  const proposal = propose(question);
  const { leastBytes, origin } = proposal;
  if (leastBytes > ceilingBytes) return exceeds(leastBytes, ceilingBytes);
  const limitBytes = Math.min(wholeMib(proposal.bytes), ceilingBytes);
  const isGiven = origin.kind === "asked" || origin.kind === "pinned";
  if (isGiven || attainable === undefined || limitBytes <= attainable.bestBytes) {
    return ok({ limitBytes, origin });
  }
  const { nowBytes, bestBytes } = attainable;
  if (killedAtBytes * leastGain > bestBytes) return exceeds(leastBytes, bestBytes);
  const isEnough = nowBytes >= leastBytes && nowBytes < limitBytes;
  return ok({ limitBytes: isEnough ? nowBytes : limitBytes, origin });
}

/** Best answer first. A model learnt from other keys slots in between the history and the default. */
function propose({ history, ask, killedAtBytes, policy }: FootprintQuestion): Proposal {
  const calibrated = fromHistory(history && withoutPoison(history), killedAtBytes, policy);
  const asked = ask.firstBytes;
  // Taken as given, unless it is known to be too small.
  if (asked !== undefined && (calibrated === undefined || calibrated.leastBytes <= asked)) {
    return { bytes: asked, leastBytes: asked, origin: { kind: "asked" } };
  }
  if (calibrated !== undefined) return calibrated;
  const { declaredBytes } = ask;
  return declaredBytes === undefined
    ? { bytes: policy.defaultBytes, leastBytes: 1, origin: { kind: "default" } }
    : { bytes: declaredBytes, leastBytes: declaredBytes, origin: { kind: "declared" } };
}

function fromHistory(
  history: Calibration | undefined,
  killedAtBytes: number | undefined,
  policy: FootprintQuestion["policy"],
): Proposal | undefined {
  const { pinned, cleanPeak } = history ?? {};
  if (pinned !== undefined && pinned.bytes > (killedAtBytes ?? 0)) {
    return { bytes: pinned.bytes, leastBytes: pinned.bytes, origin: { kind: "pinned" } };
  }
  const measured = cleanPeak && {
    bytes: withMargin(cleanPeak.bytes, policy),
    leastBytes: cleanPeak.bytes,
    origin: { kind: "measured", runId: cleanPeak.runId, peakNeedBytes: cleanPeak.bytes } as const,
  };
  const escalated = escalate(lowerBound(history, killedAtBytes), policy);
  if (measured === undefined || escalated === undefined) return measured ?? escalated;
  const leastBytes = Math.max(measured.leastBytes, escalated.leastBytes);
  return { ...(escalated.bytes >= measured.bytes ? escalated : measured), leastBytes };
}

function escalate(
  bound: { bytes: number; runId?: string } | undefined,
  policy: FootprintQuestion["policy"],
): Proposal | undefined {
  if (bound === undefined) return undefined;
  const { bytes, runId } = bound;
  return {
    bytes: Math.max(bytes * policy.escalationFactor, floorBytes),
    leastBytes: bytes + 1,
    origin: { kind: "escalated", killedAtBytes: bytes, ...(runId !== undefined && { runId }) },
  };
}

/**
 * The limit that the need is known to be above. What killed an earlier run counts only while no clean
 * run has been measured above it; what killed this very step always counts.
 */
function lowerBound(
  history: Calibration | undefined,
  killedAtBytes: number | undefined,
): { bytes: number; runId?: string } | undefined {
  const { killedAt, cleanPeak } = history ?? {};
  const earlier = killedAt && killedAt.bytes >= (cleanPeak?.bytes ?? 0) ? killedAt : undefined;
  const own = killedAtBytes !== undefined && plausible(killedAtBytes) ? killedAtBytes : 0;
  if (own > (earlier?.bytes ?? 0)) return { bytes: own };
  return earlier && { bytes: earlier.bytes, runId: earlier.runId };
}

function withMargin(needBytes: number, policy: FootprintQuestion["policy"]): number {
  const margin = Math.max(needBytes * policy.marginRatio, policy.marginBytes);
  return Math.max(needBytes + margin, floorBytes);
}

function wholeMib(bytes: number): number {
  return Math.ceil(bytes / mib) * mib;
}

function exceeds(neededBytes: number, ceilingBytes: number): Result<never, ExceedsHost> {
  return err({ reason: "footprint-exceeds-host", neededBytes, ceilingBytes });
}
