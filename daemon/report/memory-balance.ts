import type { MemoryCurve } from "../domain/memory-curve.ts";
import type { AttemptRow } from "../store/attempts.ts";

/** What a report makes of limits; sizes are bytes, `ByteSeconds` bytes times the seconds they were held. */
export interface MemoryFigures {
  /**
   * What limits learnt from peaks left free: for every attempt whose limit was measured, the first limit that
   * the same step would have got with nothing learnt (its author's word, else the default), less the limit it
   * had, times the time it ran; where that is more than nothing.
   */
  readonly savedByteSeconds: number;
  /** The other way round: what it was given beyond its first limit, since it was known to need it. */
  readonly addedByteSeconds: number;
  readonly measuredAttempts: number;
  /** Attempts that their own limits killed, of how many runs, and the time that went with them. */
  readonly kills: number;
  readonly killedRuns: number;
  readonly killedMs: number;
  /** Attempts that something else killed for want of memory: the box's OOM killer, systemd-oomd. */
  readonly killedFromOutside: number;
  /** The names that held most without needing it, the largest first. */
  readonly wasted: readonly Wasted[];
}

/** What the attempts of one name held and did not need: their limit less their mean need, over their time. */
export interface Wasted {
  readonly name: string;
  readonly byteSeconds: number;
  /** Of the last of them. */
  readonly limitBytes: number;
  readonly origin: AttemptRow["limitOrigin"]["kind"];
  /** The highest of all. */
  readonly peakNeedBytes: number;
}

/** An ended attempt with what the balance needs besides. */
export interface WeighedAttempt {
  readonly name: string;
  readonly row: AttemptRow;
  /** What the step would have got with nothing learnt. */
  readonly firstBytes: number;
  readonly curve?: MemoryCurve | undefined;
}

const mostNamed = 5;

/** Adds up what limits cost and saved, attempt by attempt. */
export class MemoryBalance {
  #savedByteSeconds = 0;
  #addedByteSeconds = 0;
  #measuredAttempts = 0;
  #kills = 0;
  #killedMs = 0;
  #killedFromOutside = 0;
  readonly #killedRuns = new Set<string>();
  readonly #wasted = new Map<string, Wasted>();

  add(attempt: WeighedAttempt): void {
    const { row, firstBytes } = attempt;
    const seconds = secondsOf(row);
    if (row.limitOrigin.kind === "measured") {
      const savedBytes = firstBytes - row.limitBytes;
      this.#measuredAttempts += 1;
      this.#savedByteSeconds += Math.max(0, savedBytes) * seconds;
      this.#addedByteSeconds += Math.max(0, -savedBytes) * seconds;
    }
    this.#countKill(row, seconds);
    this.#weigh(attempt, seconds);
  }

  figures(): MemoryFigures {
    const wasted = [...this.#wasted.values()].sort((a, b) => b.byteSeconds - a.byteSeconds);
    return {
      savedByteSeconds: this.#savedByteSeconds,
      addedByteSeconds: this.#addedByteSeconds,
      measuredAttempts: this.#measuredAttempts,
      kills: this.#kills,
      killedRuns: this.#killedRuns.size,
      killedMs: this.#killedMs,
      killedFromOutside: this.#killedFromOutside,
      wasted: wasted.slice(0, mostNamed),
    };
  }

  #countKill({ outcome, runId }: AttemptRow, seconds: number): void {
    if (outcome?.cause === "killed-from-outside" && outcome.by !== "stranger") {
      this.#killedFromOutside += 1;
    }
    if (outcome?.cause !== "out-of-memory") return;
    this.#kills += 1;
    this.#killedMs += seconds * 1000;
    this.#killedRuns.add(runId);
  }

  /** Without a peak nobody knows what it needed, and nothing is said. */
  #weigh({ name, row, curve }: WeighedAttempt, seconds: number): void {
    const { limitBytes, peaks, limitOrigin } = row;
    const peakNeedBytes = peaks?.needBytes;
    if (peakNeedBytes === undefined) return;
    const known = this.#wasted.get(name);
    const unusedBytes = Math.max(0, limitBytes - (meanNeed(curve) ?? peakNeedBytes));
    this.#wasted.set(name, {
      name,
      byteSeconds: (known?.byteSeconds ?? 0) + unusedBytes * seconds,
      limitBytes,
      origin: limitOrigin.kind,
      peakNeedBytes: Math.max(known?.peakNeedBytes ?? 0, peakNeedBytes),
    });
  }
}

/** For how long an attempt ran; none when its command never started. */
export function secondsOf({ startedAt, endedAt }: AttemptRow): number {
  if (startedAt === undefined || endedAt === undefined) return 0;
  return Math.max(0, endedAt - startedAt) / 1000;
}

function meanNeed(curve: MemoryCurve | undefined): number | undefined {
  const seen = curve?.needBytes.filter((need) => need !== null) ?? [];
  if (seen.length === 0) return undefined;
  return seen.reduce((sum, need) => sum + need, 0) / seen.length;
}
