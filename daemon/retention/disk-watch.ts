import { statfsSync } from "node:fs";
import type { Clock } from "../base/clock.ts";
import type { RetentionPolicy } from "../config/config.ts";
import { formatBytes } from "../domain/quantity.ts";
import type { Wait } from "../domain/reservation.ts";

/** How a disk stands. Sizes in bytes. */
export interface DiskRoom {
  readonly place: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** What the disks are watched by. */
export interface DiskParts {
  readonly clock: Clock;
  /** Directories that work, its outputs and the books are written to. */
  readonly places: readonly string[];
  readonly policy: Pick<RetentionPolicy, "diskLow">;
  /** Told when starting stops for want of room, and when it goes on. */
  readonly changed: (isLow: boolean, room: DiskRoom) => void;
}

const gib = 1024 ** 3;
const usualShare = 0.02;
/** A look is good for so long. */
const freshMs = 1_000;
/** What is collected before anything has to wait; and what lets starting go on once it has stopped. */
const early = 2;
const again = 1.25;

/**
 * Free space of the disks that everything is written to. Below the limit nothing new starts, and work that
 * runs keeps what is left; below twice as much whoever listens may make room. Heals by itself.
 */
export class DiskWatch {
  readonly #parts: DiskParts;
  readonly #listeners: (() => void)[] = [];
  #lookedAtMs = -Infinity;
  #wait: Wait | undefined;

  constructor(parts: DiskParts) {
    this.#parts = parts;
  }

  /** Calls back at each look that finds a disk nearly full. */
  onLow(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Looks, unless it just has. */
  look(): void {
    const nowMs = this.#parts.clock.monotonic();
    if (nowMs - this.#lookedAtMs < freshMs) return;
    this.#lookedAtMs = nowMs;
    const rooms = this.#parts.places.flatMap(roomAt).map((room) => ({
      room,
      share: room.freeBytes / this.#lowBytes(room),
    }));
    const [worst] = rooms.sort((a, b) => a.share - b.share);
    // A disk that cannot be asked is no reason to stop: whoever writes to it will hear.
    if (worst === undefined) return;
    const { room, share } = worst;
    if (share < early) for (const listener of this.#listeners) listener();
    const wasLow = this.#wait !== undefined;
    const isLow = share < (wasLow ? again : 1);
    this.#wait = isLow ? diskWait(room, this.#lowBytes(room)) : undefined;
    if (isLow !== wasLow) this.#parts.changed(isLow, room);
  }

  /** Why nothing new may start; undefined while there is room. */
  wait(): Wait | undefined {
    this.look();
    return this.#wait;
  }

  #lowBytes({ totalBytes }: DiskRoom): number {
    const { diskLow: low } = this.#parts.policy;
    if (low === undefined) return Math.min(gib, totalBytes * usualShare);
    return "bytes" in low ? low.bytes : (totalBytes * low.percent) / 100;
  }
}

function roomAt(place: string): DiskRoom[] {
  try {
    const { bavail, blocks, bsize } = statfsSync(place);
    return [{ place, freeBytes: bavail * bsize, totalBytes: blocks * bsize }];
  } catch {
    return [];
  }
}

function diskWait({ place, freeBytes }: DiskRoom, lowBytes: number): Wait {
  return {
    reason: "disk-low",
    message: `the disk of ${place} has ${formatBytes(freeBytes)} free, and below ${formatBytes(lowBytes)} nothing new starts`,
    unblocks: `some room there: blutctl gc --dry-run says what blut could give; it goes on by itself`,
  };
}
