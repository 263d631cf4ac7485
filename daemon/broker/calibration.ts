import type { Calibration, Evidence } from "../domain/calibration.ts";
import { maxSizeBytes } from "../domain/quantity.ts";

/** Tells whether a figure can be the memory of anything: whole, above zero, smaller than any box. */
export function plausible(bytes: number): boolean {
  return Number.isSafeInteger(bytes) && bytes >= 1 && bytes <= maxSizeBytes;
}

/** Takes in the measured need of an attempt that succeeded. An impossible figure is only counted. */
export function learnPeak(
  known: Calibration | undefined,
  seen: { key: string; runId: string; at: number; needBytes: number },
): Calibration {
  const before = known ?? blank(seen.key, seen.at);
  if (!plausible(seen.needBytes)) return { ...before, rejected: before.rejected + 1 };
  const cleanPeak = larger(before.cleanPeak, {
    bytes: seen.needBytes,
    runId: seen.runId,
    at: seen.at,
  });
  return touched({ ...before, cleanPeak, successes: before.successes + 1 }, seen.at);
}

/**
 * Takes in a kill at the attempt's own limit: the need is above it. A kill at or above what a person
 * had pinned proves the pin too small and lifts it.
 */
export function learnKill(
  known: Calibration | undefined,
  seen: { key: string; runId: string; at: number; limitBytes: number },
): Calibration {
  const before = known ?? blank(seen.key, seen.at);
  if (!plausible(seen.limitBytes)) return { ...before, rejected: before.rejected + 1 };
  const { pinned, ...measured } = before;
  const killedAt = larger(before.killedAt, {
    bytes: seen.limitBytes,
    runId: seen.runId,
    at: seen.at,
  });
  return touched(
    {
      ...measured,
      ...(pinned !== undefined && pinned.bytes > seen.limitBytes ? { pinned } : {}),
      killedAt,
      kills: before.kills + 1,
    },
    seen.at,
  );
}

/** A person sets the limit of a key; it stands until forgotten or until a kill proves it too small. */
export function pin(
  known: Calibration | undefined,
  said: { key: string; at: number; bytes: number },
): Calibration {
  const before = known ?? blank(said.key, said.at);
  if (!plausible(said.bytes)) return { ...before, rejected: before.rejected + 1 };
  return touched({ ...before, pinned: { bytes: said.bytes, runId: "", at: said.at } }, said.at);
}

/**
 * Joins what two stores know of one key. The order and the number of merges never matter (commutative,
 * associative, idempotent), so the same export may be imported again: counts take the larger side.
 */
export function merge(one: Calibration, other: Calibration): Calibration {
  if (one.key !== other.key) throw new Error(`merging ${one.key} with ${other.key}`);
  const [a, b] = [withoutPoison(one), withoutPoison(other)];
  return assemble(
    a,
    {
      cleanPeak: larger(a.cleanPeak, b.cleanPeak),
      killedAt: larger(a.killedAt, b.killedAt),
      pinned: later(a.pinned, b.pinned),
    },
    {
      successes: Math.max(a.successes, b.successes),
      kills: Math.max(a.kills, b.kills),
      rejected: Math.max(a.rejected, b.rejected),
      lastSeenAt: Math.max(a.lastSeenAt, b.lastSeenAt),
    },
  );
}

/** The same knowledge without impossible figures, each of them counted as rejected. */
export function withoutPoison(known: Calibration): Calibration {
  const fields = { cleanPeak: known.cleanPeak, killedAt: known.killedAt, pinned: known.pinned };
  const poison = Object.values(fields).filter((e) => e !== undefined && !sound(e)).length;
  return assemble(
    known,
    {
      cleanPeak: soundOnly(fields.cleanPeak),
      killedAt: soundOnly(fields.killedAt),
      pinned: soundOnly(fields.pinned),
    },
    {
      successes: count(known.successes),
      kills: count(known.kills),
      rejected: count(known.rejected) + poison,
      lastSeenAt: count(known.lastSeenAt),
    },
  );
}

type Evidences = Readonly<Record<"cleanPeak" | "killedAt" | "pinned", Evidence | undefined>>;
type Counts = Pick<Calibration, "successes" | "kills" | "rejected" | "lastSeenAt">;

function assemble({ key }: Calibration, evidences: Evidences, counts: Counts): Calibration {
  const { cleanPeak, killedAt, pinned } = evidences;
  return {
    key,
    ...(cleanPeak && { cleanPeak }),
    ...(killedAt && { killedAt }),
    ...(pinned && { pinned }),
    ...counts,
  };
}

function blank(key: string, at: number): Calibration {
  return { key, successes: 0, kills: 0, rejected: 0, lastSeenAt: at };
}

function touched(calibration: Calibration, at: number): Calibration {
  return { ...calibration, lastSeenAt: Math.max(calibration.lastSeenAt, at) };
}

function sound(evidence: Evidence): boolean {
  return plausible(evidence.bytes) && Number.isSafeInteger(evidence.at) && evidence.at >= 0;
}

function soundOnly(evidence: Evidence | undefined): Evidence | undefined {
  return evidence !== undefined && sound(evidence) ? evidence : undefined;
}

function count(value: number): number {
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function larger(a: Evidence | undefined, b: Evidence): Evidence;
function larger(a: Evidence | undefined, b: Evidence | undefined): Evidence | undefined;
function larger(a: Evidence | undefined, b: Evidence | undefined): Evidence | undefined {
  return greatest(a, b, [(e) => e.bytes, (e) => e.at]);
}

function later(a: Evidence | undefined, b: Evidence | undefined): Evidence | undefined {
  return greatest(a, b, [(e) => e.at, (e) => e.bytes]);
}

/** The greater by the first measure that tells them apart, in the end by run id: a total order, so no merge depends on sides. */
function greatest(
  a: Evidence | undefined,
  b: Evidence | undefined,
  measures: readonly ((evidence: Evidence) => number)[],
): Evidence | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  for (const measure of measures) {
    if (measure(a) !== measure(b)) return measure(a) > measure(b) ? a : b;
  }
  return a.runId >= b.runId ? a : b;
}
