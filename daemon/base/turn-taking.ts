/** Does one thing after the other, whatever came of the one before. */
export class TurnTaking {
  #last: Promise<unknown> = Promise.resolve();

  /** Settles with what `work` comes to, which begins when everything before it is over. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** Resolves when everything that was asked for is over. */
  async settled(): Promise<void> {
    await this.#last;
  }
}
