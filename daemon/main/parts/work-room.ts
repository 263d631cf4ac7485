import { TurnTaking } from "../../base/turn-taking.ts";
import type { Broker } from "../../broker/broker.ts";
import type { MemoryPolicy } from "../../config/config.ts";
import type { Container } from "../container.ts";

/** What the room is measured by, and who makes it. */
export interface WorkRoomParts {
  readonly container: Pick<Container, "holdWork">;
  readonly broker: Pick<Broker, "ledger">;
  /** In force; a reload changes it in place. */
  readonly memory: Pick<MemoryPolicy, "budgetBytes">;
}

/**
 * Keeps the slice around all work as large as the budget, and as what was promised of a larger one. One
 * change at a time, each as large as everything that counts when its turn comes.
 */
export class WorkRoom {
  readonly #parts: WorkRoomParts;
  /** What the slice gives now; undefined when systemd did not say what came of the last change. */
  #bytes: number | undefined;
  /** The budget of a reload: it is in force once there is room for it, and nobody takes that room away before. */
  #comingBytes = 0;
  readonly #turns = new TurnTaking();

  constructor(parts: WorkRoomParts, bytes: number) {
    this.#parts = parts;
    this.#bytes = bytes;
  }

  /** Work that was promised more than today's budget keeps it; with its end the slice comes down. */
  async narrow(): Promise<void> {
    await this.#inTurn((now, needed) => needed < now);
  }

  /** Makes room for a larger budget before anything is promised of it; false when systemd did not. */
  async widen(budgetBytes: number): Promise<boolean> {
    this.#comingBytes = budgetBytes;
    const isWide = await this.#inTurn((now) => budgetBytes > now);
    if (!isWide) this.#comingBytes = 0;
    return isWide;
  }

  /** Changes it where that is called for; false when systemd did not. */
  #inTurn(isCalledFor: (nowBytes: number, neededBytes: number) => boolean): Promise<boolean> {
    return this.#turns.inTurn(async () => {
      const needed = this.#neededBytes();
      if (this.#bytes !== undefined && !isCalledFor(this.#bytes, needed)) return true;
      const isHeld = await this.#parts.container.holdWork(needed);
      this.#bytes = isHeld ? needed : undefined;
      return isHeld;
    });
  }

  #neededBytes(): number {
    const { memory, broker } = this.#parts;
    return Math.max(memory.budgetBytes, this.#comingBytes, broker.ledger.totals().memoryBytes);
  }
}
