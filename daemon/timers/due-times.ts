import TinyQueue from "tinyqueue";

interface Entry<Name> {
  readonly name: Name;
  readonly at: number;
}

/** Outdated entries that may stand in the queue before it is made anew. */
const mostOutdated = 1000;

/** When each of many is due. The next one costs nothing to find, however many there are. */
export class DueTimes<Name extends string = string> {
  readonly #at = new Map<Name, number>();
  #queue = new TinyQueue<Entry<Name>>([], earlier);

  /** When one is due; undefined when it is not. */
  get(name: Name): number | undefined {
    return this.#at.get(name);
  }

  /** Undefined: never. */
  set(name: Name, at: number | undefined): void {
    if (this.#at.get(name) === at) return;
    if (at === undefined) this.#at.delete(name);
    else {
      this.#at.set(name, at);
      this.#queue.push({ name, at });
    }
    if (this.#queue.length <= this.#at.size + mostOutdated) return;
    const entries = [...this.#at].map(([each, its]) => ({ name: each, at: its }));
    this.#queue = new TinyQueue(entries, earlier);
  }

  /** The one that is due first. */
  first(): Entry<Name> | undefined {
    for (;;) {
      const entry = this.#queue.peek();
      if (entry === undefined || this.#at.get(entry.name) === entry.at) return entry;
      this.#queue.pop();
    }
  }

  /** Takes out those that are due by `now`, earliest first, so many at most. */
  take(now: number, most: number): Name[] {
    const names: Name[] = [];
    while (names.length < most) {
      const entry = this.first();
      if (entry === undefined || entry.at > now) break;
      this.#queue.pop();
      this.#at.delete(entry.name);
      names.push(entry.name);
    }
    return names;
  }
}

function earlier(a: Entry<string>, b: Entry<string>): number {
  return a.at - b.at;
}
