import type { Claims } from "../domain/plan.ts";
import type { DeviceUse } from "./gpu/allotment.ts";

/** What one attempt holds of the box: its limit in full, whatever it has allocated of it so far. */
export interface Holding extends Claims {
  readonly limitBytes: number;
  /** Memory it has now that cannot be reclaimed; 0 where not known yet, which is the careful side. */
  readonly needBytes: number;
  /** The GPU devices it was given. */
  readonly devices: readonly number[];
}

const untouched: DeviceUse = { holders: 0, vramBytes: 0, isWhole: false };

/** A running sum of holdings, so that judging one candidate does not cost a walk over all of them. */
export class Tally {
  readonly #pools = new Map<string, number>();
  readonly #locks = new Map<string, number>();
  readonly #devices = new Map<number, { holders: number; vramBytes: number; wholes: number }>();
  #holders = 0;
  #limitBytes = 0;
  #growthBytes = 0;
  #needBytes = 0;
  #milliCpus = 0;

  constructor(holdings: Iterable<Holding> = []) {
    for (const holding of holdings) this.add(holding);
  }

  add(holding: Holding): void {
    this.#change(holding, 1);
  }

  /** Takes back exactly what was added before. */
  remove(holding: Holding): void {
    this.#change(holding, -1);
  }

  get holders(): number {
    return this.#holders;
  }

  get limitBytes(): number {
    return this.#limitBytes;
  }

  /** What the holders may still allocate on top of what they have. */
  get growthBytes(): number {
    return this.#growthBytes;
  }

  get needBytes(): number {
    return this.#needBytes;
  }

  /** Thousandths of a CPU: whole numbers, so that sums of 0.1 come out even. */
  get milliCpus(): number {
    return this.#milliCpus;
  }

  pool(name: string): number {
    return this.#pools.get(name) ?? 0;
  }

  hasLock(name: string): boolean {
    return (this.#locks.get(name) ?? 0) > 0;
  }

  /** What is taken of a GPU device. */
  device(index: number): DeviceUse {
    const use = this.#devices.get(index);
    return use === undefined ? untouched : { ...use, isWhole: use.wholes > 0 };
  }

  #change(holding: Holding, sign: 1 | -1): void {
    this.#holders += sign;
    this.#limitBytes += sign * holding.limitBytes;
    this.#growthBytes += sign * Math.max(0, holding.limitBytes - holding.needBytes);
    this.#needBytes += sign * holding.needBytes;
    this.#milliCpus += sign * milli(holding.cpus);
    for (const [name, count] of Object.entries(holding.pools))
      bump(this.#pools, name, sign * count);
    for (const name of holding.locks) bump(this.#locks, name, sign);
    for (const index of holding.devices) this.#changeDevice(index, holding.vramBytes, sign);
  }

  #changeDevice(index: number, vramBytes: number, sign: 1 | -1): void {
    const use = this.#devices.get(index) ?? { holders: 0, vramBytes: 0, wholes: 0 };
    use.holders += sign;
    use.vramBytes += sign * vramBytes;
    use.wholes += vramBytes === 0 ? sign : 0;
    if (use.holders === 0) this.#devices.delete(index);
    else this.#devices.set(index, use);
  }
}

/** CPUs in whole thousandths. */
export function milli(cpus: number): number {
  return Math.round(cpus * 1000);
}

/** Entries at zero go, so that names used once do not stay for ever. */
function bump(counts: Map<string, number>, name: string, by: number): void {
  const count = (counts.get(name) ?? 0) + by;
  if (count === 0) counts.delete(name);
  else counts.set(name, count);
}
