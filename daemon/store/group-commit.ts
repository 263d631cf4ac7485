import type { Database, Statement } from "better-sqlite3";
import type { Failure } from "../domain/failure.ts";
import { err, type Result } from "../domain/result.ts";
import { checkpointWhenLong, holdWal } from "./checkpoint.ts";
import { storageTrouble } from "./storage-error.ts";

/** A change waiting for its turn, with how to answer whoever asked for it. */
interface Entry {
  /** Runs the change; tells whether it is to be kept and how to answer with what it gave. */
  readonly run: () => { readonly keep: boolean; readonly answer: () => void };
  readonly fail: (failure: Failure) => void;
  readonly reject: (bug: unknown) => void;
}

/** A change that ran in the batch at hand; it is answered once the batch is on disk. */
interface Ran {
  readonly entry: Entry;
  readonly answer: () => void;
  readonly callbacks: readonly (() => void)[];
}

type Control = "begin" | "commit" | "rollback" | "open" | "keep" | "drop";

/** The most changes that share one transaction; more would hold the event loop too long. */
const longestBatch = 512;

/**
 * Commits changes in groups: what arrives in one turn of the event loop shares a transaction and thereby
 * one fsync. While that is under way the next requests pile up in the sockets, so a busy daemon forms
 * large groups by itself and an idle one answers at once.
 *
 *     queued --turn--> ran, in its own savepoint --COMMIT--> callbacks --> answered
 *                          \--err or throw: only its savepoint is rolled back
 */
export class GroupCommit {
  readonly #database: Database;
  readonly #control: Readonly<Record<Control, Statement>>;
  readonly #brokenListeners: ((failure: Failure) => void)[] = [];
  #queue: Entry[] = [];
  #isScheduled = false;
  #callbacks: (() => void)[] | undefined;
  #broken: Failure | undefined;
  #trouble: Failure | undefined;
  /** Only held, see {@link holdWal}. */
  #walHolder: Database | undefined;

  constructor(database: Database) {
    this.#database = database;
    this.#control = {
      begin: database.prepare("BEGIN IMMEDIATE"),
      commit: database.prepare("COMMIT"),
      rollback: database.prepare("ROLLBACK"),
      open: database.prepare("SAVEPOINT change"),
      keep: database.prepare("RELEASE change"),
      drop: database.prepare("ROLLBACK TO change"),
    };
  }

  /** See {@link Store.write}. */
  write<T>(change: () => Result<T, Failure>): Promise<Result<T, Failure>> {
    return new Promise((resolve, reject) => {
      this.#queue.push({
        run: () => {
          const result = change();
          const answer = (): void => {
            resolve(result);
          };
          return { keep: result.ok, answer };
        },
        fail: (failure) => {
          resolve(err(failure));
        },
        reject,
      });
      this.#schedule();
    });
  }

  /** See {@link Store.afterCommit}. */
  afterCommit(callback: () => void): void {
    if (this.#callbacks === undefined) throw new Error("afterCommit was called outside a change");
    this.#callbacks.push(callback);
  }

  /** See {@link Store.onBroken}. */
  onBroken(listener: (failure: Failure) => void): void {
    this.#brokenListeners.push(listener);
    if (this.#broken !== undefined) listener(this.#broken);
  }

  /** See {@link Store.trouble}. */
  get trouble(): Failure | undefined {
    return this.#trouble;
  }

  /** Commits everything that is queued, now. */
  flush(): void {
    while (this.#queue.length > 0) this.#commitBatch();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#commitBatch();
      // The rest of a long queue waits a turn, so that sockets and timers get theirs.
      if (this.#queue.length > 0) this.#schedule();
    });
  }

  #commitBatch(): void {
    const batch = this.#queue.splice(0, longestBatch);
    if (batch.length === 0) return;
    if (this.#broken !== undefined) {
      for (const entry of batch) entry.fail(this.#broken);
      return;
    }
    let ran: readonly Ran[];
    try {
      this.#control.begin.run();
      ran = batch.map((entry) => this.#run(entry));
      this.#control.commit.run();
    } catch (error) {
      this.#abandon(batch, error);
      return;
    }
    this.#trouble = undefined;
    for (const change of ran) finish(change);
    // After the answers: nobody waits for it.
    setImmediate(() => {
      this.#checkpoint();
    });
  }

  /** Runs one change in its savepoint. Throws only when the whole batch is lost. */
  #run(entry: Entry): Ran {
    const callbacks: (() => void)[] = [];
    this.#control.open.run();
    try {
      this.#callbacks = callbacks;
      const { keep, answer } = entry.run();
      if (!keep) this.#control.drop.run();
      this.#control.keep.run();
      return { entry, answer, callbacks: keep ? callbacks : [] };
    } catch (error) {
      if (!this.#database.inTransaction || storageTrouble(error, this.#database.name)) throw error;
      this.#control.drop.run();
      this.#control.keep.run();
      const answer = (): void => {
        entry.reject(error);
      };
      return { entry, answer, callbacks: [] };
    } finally {
      this.#callbacks = undefined;
    }
  }

  /** Nothing of the batch is kept: everybody in it hears why. */
  #abandon(batch: readonly Entry[], error: unknown): void {
    const trouble = storageTrouble(error, this.#database.name);
    this.#trouble = trouble?.failure;
    for (const entry of batch) {
      if (trouble === undefined) entry.reject(error);
      else entry.fail(trouble.failure);
    }
    if (trouble?.breaks === true) this.#break(error);
    try {
      if (this.#database.inTransaction) this.#control.rollback.run();
    } catch (second) {
      this.#break(second);
    }
  }

  #checkpoint(): void {
    if (!this.#database.open || this.#broken !== undefined) return;
    try {
      checkpointWhenLong(this.#database);
    } catch (error) {
      // A full disk or a lock only puts it off: the WAL keeps everything until the next time.
      if (storageTrouble(error, this.#database.name)?.breaks !== false) this.#break(error);
    }
  }

  /**
   * Gives up writing for good. After a failed fsync the kernel may have dropped the pages and calls them
   * clean, so a second fsync that succeeds would prove nothing.
   */
  #break(error: unknown): void {
    const trouble = storageTrouble(error, this.#database.name);
    if (trouble === undefined) throw error;
    if (this.#broken !== undefined) return;
    this.#broken = trouble.failure;
    this.#walHolder ??= holdWal(this.#database.name);
    for (const listener of this.#brokenListeners) listener(trouble.failure);
  }
}

function finish({ entry, answer, callbacks }: Ran): void {
  try {
    for (const callback of callbacks) callback();
    answer();
  } catch (bug) {
    entry.reject(bug);
  }
}
