import type { AttemptId } from "../domain/ids.ts";
import type { Reservation } from "../domain/reservation.ts";
import type { DeviceUse } from "./gpu/allotment.ts";
import { lackOf, type Capacity, type Lack, type Want } from "./room.ts";
import { Tally, type Holding } from "./tally.ts";

/** The reservations of live attempts in memory, summed up as they come and go. */
export class Ledger {
  readonly #reservations = new Map<AttemptId, Reservation>();
  readonly #tally = new Tally();

  /** Holds capacity from now on. A second reservation of the same attempt takes the place of the first. */
  reserve(reservation: Reservation): void {
    this.release(reservation.attemptId);
    this.#reservations.set(reservation.attemptId, reservation);
    this.#tally.add(holdingOf(reservation));
  }

  /** Gives capacity back; quiet when there is nothing to give back. */
  release(id: AttemptId): void {
    const reservation = this.#reservations.get(id);
    if (reservation === undefined) return;
    this.#reservations.delete(id);
    this.#tally.remove(holdingOf(reservation));
  }

  all(): readonly Reservation[] {
    return [...this.#reservations.values()];
  }

  totals(): { attempts: number; memoryBytes: number; cpus: number } {
    const { holders, limitBytes, milliCpus } = this.#tally;
    return { attempts: holders, memoryBytes: limitBytes, cpus: milliCpus / 1000 };
  }

  /** How much of a pool is claimed. */
  poolUsed(name: string): number {
    return this.#tally.pool(name);
  }

  /** What is taken of a GPU device. */
  deviceUse(index: number): DeviceUse {
    return this.#tally.device(index);
  }

  /** What keeps a step from starting beside all of them; undefined when there is room. */
  lackOf(want: Want, capacity: Capacity): Lack | undefined {
    return lackOf(want, this.#tally, capacity);
  }
}

/** A reservation as admission counts it, with what its attempt needs now where that is known. */
export function holdingOf(reservation: Reservation, needBytes = 0): Holding {
  const { memoryBytes, cpus, gpus, vramBytes, devices, pools, locks } = reservation;
  return { limitBytes: memoryBytes, needBytes, cpus, gpus, vramBytes, devices, pools, locks };
}
