/**
 * What an attempt needed over its time, thin enough to be kept for every one. Slot `i` covers the time from
 * `i * stepMs` on after the start and holds the highest need seen in it, null where nobody looked. When
 * there are too many slots each two become one, so that a minute and a month take the same room.
 */
export interface MemoryCurve {
  readonly stepMs: number;
  readonly needBytes: readonly (number | null)[];
}

/** Slots of a curve at most; at least half as many once it is that old. */
export const mostSlots = 100;

/** A curve before anything was seen. */
export const emptyCurve: MemoryCurve = { stepMs: 1000, needBytes: [] };

/** The curve with one more reading, `atMs` after the start. The order of readings makes no difference. */
export function withReading(curve: MemoryCurve, atMs: number, needBytes: number): MemoryCurve {
  let wide = curve;
  while (slotOf(wide, atMs) >= mostSlots) wide = halved(wide);
  const slot = slotOf(wide, atMs);
  const known = wide.needBytes[slot] ?? null;
  if (known !== null && known >= needBytes) return wide;
  const slots = Array.from(
    { length: Math.max(wide.needBytes.length, slot + 1) },
    (_, i) => wide.needBytes[i] ?? null,
  );
  slots[slot] = needBytes;
  return { stepMs: wide.stepMs, needBytes: slots };
}

/** Both curves as one: what an earlier daemon saw of an attempt and what this one does. */
export function joined(one: MemoryCurve, other: MemoryCurve): MemoryCurve {
  let [a, b] = [one, other];
  while (a.stepMs < b.stepMs) a = halved(a);
  while (b.stepMs < a.stepMs) b = halved(b);
  const length = Math.max(a.needBytes.length, b.needBytes.length);
  const needBytes = Array.from({ length }, (_, i) =>
    higher(a.needBytes[i] ?? null, b.needBytes[i] ?? null),
  );
  return { stepMs: a.stepMs, needBytes };
}

/** Whether a curve shows more than the peak does: an attempt of a moment leaves none. */
export function isWorthKeeping({ needBytes }: MemoryCurve): boolean {
  return needBytes.filter((need) => need !== null).length >= 3;
}

function slotOf({ stepMs }: MemoryCurve, atMs: number): number {
  return Math.floor(Math.max(0, atMs) / stepMs);
}

function halved({ stepMs, needBytes }: MemoryCurve): MemoryCurve {
  const length = Math.ceil(needBytes.length / 2);
  const pairs = Array.from({ length }, (_, i) =>
    higher(needBytes[2 * i] ?? null, needBytes[2 * i + 1] ?? null),
  );
  return { stepMs: stepMs * 2, needBytes: pairs };
}

function higher(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
