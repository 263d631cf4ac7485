/** Does one thing after the other, whatever came of the one before. */
export class TurnTaking {
  #last: Promise<unknown> = Promise.resolve();

  /** Settles with what `work` comes to, which begins when everything before it is over. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    // Not what it came to: that may be large, and the next thing may be hours away.
    this.#last = done.then(ignore, ignore);
    return done;
  }

  /** Resolves when everything that was asked for is over. */
  async settled(): Promise<void> {
    await this.#last;
  }
}

/** The same for each of many names: what is done under one of them keeps no other waiting. */
export class TurnsByName {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Of how many names something is under way. */
  get size(): number {
    return this.#last.size;
  }

  /** Whether something is under way under this name. */
  has(name: string): boolean {
    return this.#last.has(name);
  }

  /** Settles with what `work` comes to, which begins when everything before it of that name is over. */
  inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name)?.then(ignore, ignore) ?? Promise.resolve();
    const done = before.then(work).finally(() => {
      if (this.#last.get(name) === done) this.#last.delete(name);
    });
    this.#last.set(name, done);
    return done;
  }

  /** Resolves when one more thing is over, at once where nothing is under way. */
  async next(): Promise<void> {
    if (this.#last.size === 0) return;
    await Promise.race([...this.#last.values()].map((each) => each.then(ignore, ignore)));
  }

  /** Resolves when nothing is under way under any name. */
  async settled(): Promise<void> {
    while (this.#last.size > 0) await Promise.allSettled(this.#last.values());
  }
}

function ignore(): undefined {
  return undefined;
}
