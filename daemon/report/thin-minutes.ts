import type { BoxMinute } from "../domain/box-minute.ts";
import { minuteMs } from "../domain/box-minute.ts";

/** Minutes put together, so that a month fits a chart: each row the worst of `stepMs`. */
export interface ThinMinutes {
  readonly stepMs: number;
  readonly rows: readonly BoxMinute[];
}

/** Puts minutes together as they are added: at most so many rows for a span; where nothing ran there is none. */
export class Thinning {
  readonly #stepMs: number;
  readonly #rows = new Map<number, BoxMinute>();

  constructor(spanMs: number, most: number) {
    this.#stepMs = minuteMs * Math.max(1, Math.ceil(spanMs / minuteMs / most));
  }

  add(minute: BoxMinute): void {
    const at = Math.floor(minute.at / this.#stepMs) * this.#stepMs;
    const known = this.#rows.get(at);
    this.#rows.set(at, known === undefined ? { ...minute, at } : worst(known, minute));
  }

  thin(): ThinMinutes {
    return { stepMs: this.#stepMs, rows: [...this.#rows.values()] };
  }
}

function worst(a: BoxMinute, b: BoxMinute): BoxMinute {
  const pressure = Math.max(a.pressureFull ?? -1, b.pressureFull ?? -1);
  const some = Math.max(a.pressureSome ?? -1, b.pressureSome ?? -1);
  return {
    ...a,
    availableBytes: Math.min(a.availableBytes, b.availableBytes),
    ...(pressure >= 0 && { pressureFull: pressure }),
    ...(some >= 0 && { pressureSome: some }),
    limitBytes: Math.max(a.limitBytes, b.limitBytes),
    needBytes: Math.max(a.needBytes, b.needBytes),
    limitByteSeconds: a.limitByteSeconds + b.limitByteSeconds,
    needByteSeconds: a.needByteSeconds + b.needByteSeconds,
    running: Math.max(a.running, b.running),
    waiting: Math.max(a.waiting, b.waiting),
    budgetBytes: b.budgetBytes,
    floorBytes: b.floorBytes,
  };
}
