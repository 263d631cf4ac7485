/** The few with the highest score of any number that come by, without keeping them all. */
export class Best<T> {
  readonly #count: number;
  readonly #scoreOf: (value: T) => number;
  #kept: T[] = [];
  #seen = 0;

  constructor(count: number, scoreOf: (value: T) => number) {
    this.#count = count;
    this.#scoreOf = scoreOf;
  }

  add(value: T): void {
    this.#seen += 1;
    if (this.#count === 0) return;
    this.#kept.push(value);
    if (this.#kept.length >= 2 * this.#count) this.#kept = this.values();
  }

  /** The best first; of equals the one that came first. */
  values(): T[] {
    return this.#kept.toSorted((a, b) => this.#scoreOf(b) - this.#scoreOf(a)).slice(0, this.#count);
  }

  /** How many came by that are not among them. */
  get more(): number {
    return this.#seen - Math.min(this.#count, this.#kept.length);
  }
}
