import type { GpuDevice } from "../domain/gpu.ts";
import type { Claims } from "../domain/plan.ts";
import { allot } from "./gpu/allotment.ts";
import { milli, type Tally } from "./tally.ts";

/** What there is to give, whoever holds it. */
export interface Capacity {
  readonly budgetBytes: number;
  /** Memory the box could hand out now and still keep the reserve; negative when it is below it. */
  readonly freeBytes: number;
  readonly cpusTotal: number;
  readonly gpus: readonly GpuDevice[];
  readonly pools: Readonly<Record<string, number>>;
}

/** What a step takes when it starts. */
export interface Want {
  readonly limitBytes: number;
  readonly claims: Claims;
}

/** The first thing that a step lacks. */
export type Lack =
  | { readonly reason: "memory-budget" | "memory-available" | "cpus" | "gpus" }
  | { readonly reason: "pool" | "lock"; readonly name: string };

/** What keeps a step from starting beside the holders of `taken`; undefined when there is room. */
export function lackOf(want: Want, taken: Tally, capacity: Capacity): Lack | undefined {
  const { limitBytes, claims } = want;
  if (taken.limitBytes + limitBytes > capacity.budgetBytes) return { reason: "memory-budget" };
  if (taken.growthBytes + limitBytes > capacity.freeBytes) return { reason: "memory-available" };
  if (claims.cpus > 0 && taken.milliCpus + milli(claims.cpus) > milli(capacity.cpusTotal)) {
    return { reason: "cpus" };
  }
  if (devicesFor(want, taken, capacity) === undefined) return { reason: "gpus" };
  for (const [name, count] of Object.entries(claims.pools)) {
    if (taken.pool(name) + count > poolTotal(capacity, name)) return { reason: "pool", name };
  }
  const name = claims.locks.find((lock) => taken.hasLock(lock));
  return name === undefined ? undefined : { reason: "lock", name };
}

/** The devices that a step would get beside the holders of `taken`; undefined when there are not enough. */
export function devicesFor(
  { claims }: Pick<Want, "claims">,
  taken: Tally,
  { gpus }: Pick<Capacity, "gpus">,
): readonly number[] | undefined {
  return allot(claims, gpus, (index) => taken.device(index));
}

/** Capacity of a pool; one that nobody declared has none. */
export function poolTotal(capacity: Pick<Capacity, "pools">, name: string): number {
  return Object.hasOwn(capacity.pools, name) ? (capacity.pools[name] ?? 0) : 0;
}
