import type { Broker } from "../../broker/broker.ts";
import type { MemoryPolicy } from "../../config/config.ts";
import type { Container } from "../container.ts";

/** Keeps the slice around all work as large as the budget, and as what was promised of a larger one. */
export class WorkRoom {
  readonly #container: Pick<Container, "holdWork">;
  readonly #broker: Broker;
  readonly #memory: Pick<MemoryPolicy, "budgetBytes">;
  /** What the slice gives now. */
  #bytes: number;

  constructor(
    container: Pick<Container, "holdWork">,
    broker: Broker,
    memory: Pick<MemoryPolicy, "budgetBytes">,
    bytes: number,
  ) {
    this.#container = container;
    this.#broker = broker;
    this.#memory = memory;
    this.#bytes = bytes;
  }

  /** Work that was promised more than today's budget keeps it; with its end the slice comes down. */
  async narrow(): Promise<void> {
    const promisedBytes = this.#broker.ledger.totals().memoryBytes;
    const bytes = Math.max(this.#memory.budgetBytes, promisedBytes);
    if (bytes < this.#bytes) await this.#hold(bytes);
  }

  /** Makes room for a larger budget before anything is promised of it; false when systemd did not. */
  async widen(budgetBytes: number): Promise<boolean> {
    return budgetBytes <= this.#bytes || (await this.#hold(budgetBytes));
  }

  async #hold(bytes: number): Promise<boolean> {
    const isHeld = await this.#container.holdWork(bytes);
    if (isHeld) this.#bytes = bytes;
    return isHeld;
  }
}
