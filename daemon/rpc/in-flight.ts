/** What a client may call a request by. */
export type RequestId = string | number | null;

/** The unanswered requests of one connection, counted into those of all connections. */
export class InFlight {
  readonly #most: number;
  readonly #all: InFlight | undefined;
  readonly #ids = new Set<RequestId>();
  #count = 0;

  constructor(most: number, all?: InFlight) {
    this.#most = most;
    this.#all = all;
  }

  get count(): number {
    return this.#count;
  }

  /** Lets a request in, unless there are too many or its answer could not be told from another's. */
  enter(id: RequestId | undefined): "entered" | "full" | "duplicate" {
    if (this.#count >= this.#most) return "full";
    if (id !== undefined && this.#ids.has(id)) return "duplicate";
    if (this.#all?.enter(undefined) === "full") return "full";
    // `null` and none are not names, so any number of them may be under way.
    if (id !== undefined && id !== null) this.#ids.add(id);
    this.#count++;
    return "entered";
  }

  leave(id: RequestId | undefined): void {
    if (id !== undefined) this.#ids.delete(id);
    this.#count--;
    this.#all?.leave(undefined);
  }
}
