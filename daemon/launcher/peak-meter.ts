import type { MemoryReading } from "../systemd/cgroup.ts";

/** One reading of a live attempt's cgroup; bytes. */
export interface MemorySample extends Pick<MemoryReading, "needBytes" | "fileBytes"> {
  /** The kernel's own high-water mark so far, page cache included; read before the rest. */
  readonly peakBytes: number;
}

/** What the cgroup still tells when everything in it has ended; bytes and counts. */
export interface LastReading {
  readonly peakBytes?: number;
  /** Page cache is charged to a cgroup beyond the life of its processes. */
  readonly fileBytes: number;
  /** Times it was about to go over its limit. */
  readonly max: number;
  /** Times reclaim did not help. */
  readonly oom: number;
}

/** An attempt's peaks as far as they are known; bytes. */
export interface MeasuredPeaks {
  readonly totalBytes?: number;
  readonly needBytes?: number;
  readonly rodeLimit: boolean;
}

/** From this share of its limit on, a need may have been held down by it. */
const rodeShare = 0.95;

/**
 * Finds the peak of what an attempt needs. The kernel marks only the peak of everything, page cache
 * included; what cannot be reclaimed has to be sampled. So a sample counts as it is, and where the mark
 * rose between two, the rise counts too, less the page cache known to be there: a spike that no sample
 * saw comes out whole, a large file read comes out as nothing.
 */
export class PeakMeter {
  readonly #limitBytes: number;
  #needBytes = 0;
  #last: MemorySample = { peakBytes: 0, needBytes: 0, fileBytes: 0 };

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  sample(sample: MemorySample): void {
    const unseen = this.#unseenNeed(sample.peakBytes, sample.fileBytes);
    this.#needBytes = Math.max(this.#needBytes, sample.needBytes, unseen);
    this.#last = sample;
  }

  /** The verdict. A figure that nobody could measure is absent. */
  finish(end: LastReading): MeasuredPeaks {
    const unseen = this.#unseenNeed(end.peakBytes ?? 0, end.fileBytes);
    const soughtBytes = Math.max(this.#needBytes, unseen);
    const totalBytes = end.peakBytes ?? (this.#last.peakBytes || undefined);
    // Readings are not of one instant: a sum of them can pass the mark by a little.
    const needBytes = Math.min(soughtBytes, totalBytes ?? soughtBytes);
    return {
      ...(totalBytes !== undefined && { totalBytes: Math.min(totalBytes, this.#limitBytes) }),
      ...(needBytes > 0 && { needBytes: Math.min(needBytes, this.#limitBytes) }),
      rodeLimit: this.#rodeLimit(needBytes, end),
    };
  }

  #unseenNeed(peakBytes: number, fileBytes: number): number {
    if (peakBytes <= this.#last.peakBytes) return 0;
    return Math.max(0, peakBytes - Math.max(this.#last.fileBytes, fileBytes));
  }

  /**
   * Pressing against the limit is not yet riding it: a reader of large files does so all the time, at
   * the cost of its cache. Without a cache to give, it was the need that was held down.
   */
  #rodeLimit(needBytes: number, end: LastReading): boolean {
    if (needBytes >= this.#limitBytes * rodeShare || end.oom > 0) return true;
    const cacheBytes = Math.max(this.#last.fileBytes, end.fileBytes);
    return end.max > 0 && cacheBytes < this.#limitBytes * (1 - rodeShare);
  }
}
