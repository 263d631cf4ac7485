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

function ignore(): undefined {
  return undefined;
}
