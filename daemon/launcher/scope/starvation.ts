import { mib } from "../../domain/quantity.ts";
import type { MemoryReading } from "../../systemd/cgroup.ts";

/** So little is left for page cache that not even the program's own text stays in. */
const leastCacheBytes = 16 * mib;
/** Pages read back a second soon after they were thrown out; 40 MiB/s of nothing but that. */
const refaultsPerSecond = 10_000;
/** So long without a better moment. */
const patienceMs = 5_000;

/**
 * Tells when an attempt is out of memory although the kernel does not say so. Work that grows slowly
 * into its limit is not killed: the kernel finds pages to reclaim for ever, the program's own text, and
 * reads them back at once. Nothing gets done any more and nothing ends. Measured on kernel 7.2: a
 * training at its 64 MiB made 70,000 refaults a second for minutes and `oom` stayed at 0.
 *
 * A reader of large files refaults too, but has cache to do it with.
 */
export class StarvationGuard {
  readonly #limitBytes: number;
  #last: { readonly atMs: number; readonly refaultedPages: number } | undefined;
  #sinceMs: number | undefined;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Takes a sample of the monotonic instant `atMs`; true once the attempt has starved long enough. */
  isStarved(atMs: number, { needBytes, fileBytes, refaultedPages }: MemoryReading): boolean {
    const last = this.#last;
    this.#last = { atMs, refaultedPages };
    if (last === undefined || atMs <= last.atMs) return false;
    const rate = ((refaultedPages - last.refaultedPages) * 1000) / (atMs - last.atMs);
    const cacheBytes = Math.min(leastCacheBytes, this.#limitBytes / 4);
    const isPressed = needBytes + cacheBytes >= this.#limitBytes && fileBytes <= cacheBytes;
    if (!isPressed || rate < refaultsPerSecond) {
      this.#sinceMs = undefined;
      return false;
    }
    this.#sinceMs ??= last.atMs;
    return atMs - this.#sinceMs >= patienceMs;
  }
}
