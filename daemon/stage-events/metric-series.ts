import type { MetricRow, MetricValue } from "../domain/metric.ts";

/** One value in the course of a metric. */
export type MetricPoint = Omit<MetricRow, "name">;

/** The course of one metric in one attempt, thinned out so that its extremes are among the points. */
export interface MetricSeries {
  readonly name: string;
  /** Values there were, thinned out or not. */
  readonly count: number;
  readonly last: MetricValue;
  /** Of the finite ones; absent when there was none. */
  readonly min?: number;
  readonly max?: number;
  readonly points: readonly MetricPoint[];
}

/** A point and its place in the course. */
interface Placed {
  readonly place: number;
  readonly point: MetricPoint;
}

/** Some neighbours of a course: the smallest, the largest and the first that is not finite stay of them. */
interface Bucket {
  readonly low?: Placed;
  readonly high?: Placed;
  readonly odd?: Placed;
}

/**
 * Thins a course out while it is read. Where the buckets are used up, neighbours are put together two by
 * two, and each takes twice as many values from then on: however long it is, it costs the same memory.
 */
export class SeriesThinner {
  readonly #name: string;
  readonly #mostBuckets: number;
  #buckets: Bucket[] = [];
  #perBucket = 1;
  #count = 0;
  #last: Placed | undefined;

  /** Answers at most `mostPoints`, which are at least 7. */
  constructor(name: string, mostPoints: number) {
    this.#name = name;
    // Of each bucket three points at most, and the last one.
    this.#mostBuckets = 2 * Math.floor((mostPoints - 1) / 6);
  }

  add(point: MetricPoint): void {
    if (this.#count === this.#mostBuckets * this.#perBucket) this.#halve();
    const placed = { place: this.#count, point };
    const index = Math.floor(this.#count / this.#perBucket);
    this.#buckets[index] = joined(this.#buckets[index] ?? {}, bucketOf(placed));
    this.#count++;
    this.#last = placed;
  }

  /** The series so far; undefined when nothing was added. */
  series(): MetricSeries | undefined {
    if (this.#last === undefined) return undefined;
    const { low, high } = this.#buckets.reduce(joined, {});
    return {
      name: this.#name,
      count: this.#count,
      last: this.#last.point.value,
      ...(typeof low?.point.value === "number" && { min: low.point.value }),
      ...(typeof high?.point.value === "number" && { max: high.point.value }),
      points: this.#points(this.#last),
    };
  }

  /** In the order in which they came, each once. */
  #points(last: Placed): MetricPoint[] {
    const byPlace = new Map<number, MetricPoint>();
    for (const { low, high, odd } of this.#buckets) {
      for (const kept of [low, high, odd])
        if (kept !== undefined) byPlace.set(kept.place, kept.point);
    }
    byPlace.set(last.place, last.point);
    return [...byPlace].sort(([a], [b]) => a - b).map(([, point]) => point);
  }

  #halve(): void {
    const pairs = Array.from({ length: this.#buckets.length / 2 }, (_, i) => i * 2);
    this.#buckets = pairs.map((i) => joined(this.#buckets[i] ?? {}, this.#buckets[i + 1] ?? {}));
    this.#perBucket *= 2;
  }
}

function bucketOf(placed: Placed): Bucket {
  return typeof placed.point.value === "number" ? { low: placed, high: placed } : { odd: placed };
}

/** Two neighbours as one; of equals the earlier stays. */
function joined(one: Bucket, other: Bucket): Bucket {
  const low =
    other.low && (!one.low || other.low.point.value < one.low.point.value) ? other.low : one.low;
  const high =
    other.high && (!one.high || other.high.point.value > one.high.point.value)
      ? other.high
      : one.high;
  const odd = one.odd ?? other.odd;
  return { ...(low && { low }), ...(high && { high }), ...(odd && { odd }) };
}
