/** A flat-keyed file of the kernel's: one `name number` a line. Unknown names are kept, odd lines not. */
export type MemoryCounters = Readonly<Record<string, number | undefined>>;

/** Reads such a file. */
export function parseCounters(text: string): MemoryCounters {
  const counters = Object.create(null) as Record<string, number>;
  for (const line of text.split("\n")) {
    const [name, value, ...rest] = line.split(" ");
    if (name === undefined || value === undefined || rest.length > 0) continue;
    if (/^\d+$/.test(value)) counters[name] = Number(value);
  }
  return counters;
}

/**
 * Memory that cannot be reclaimed: anonymous, shared, locked file pages, the kernel's own, and what is
 * out in swap; bytes. `stat` is `memory.stat`. Page cache is left out: work that only reads a large
 * file fills any limit with it and would do as well with less.
 */
export function needBytes(stat: MemoryCounters, swapBytes: number): number {
  const { anon = 0, shmem = 0, sock = 0 } = stat;
  return anon + shmem + lockedFileBytes(stat) + kernelBytes(stat) + sock + swapBytes;
}

/**
 * `unevictable` counts locked pages of every kind, and the anonymous and shared ones are in `anon` and
 * `shmem` as well. Those two are together what is on the two anonymous lists plus the locked part.
 */
function lockedFileBytes(stat: MemoryCounters): number {
  const { anon = 0, shmem = 0, inactive_anon = 0, active_anon = 0, unevictable = 0 } = stat;
  const lockedAnonymousBytes = Math.max(0, anon + shmem - inactive_anon - active_anon);
  return Math.max(0, unevictable - lockedAnonymousBytes);
}

/** `kernel` (since 5.18) is the sum of all, reclaimable slab too; before that the parts are added up. */
function kernelBytes(stat: MemoryCounters): number {
  const { kernel, slab_reclaimable = 0 } = stat;
  if (kernel !== undefined) return Math.max(0, kernel - slab_reclaimable);
  const { kernel_stack = 0, pagetables = 0, sec_pagetables = 0 } = stat;
  const { percpu = 0, vmalloc = 0, slab_unreclaimable = 0 } = stat;
  return kernel_stack + pagetables + sec_pagetables + percpu + vmalloc + slab_unreclaimable;
}
