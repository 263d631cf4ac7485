import { chmodSync, lstatSync, readdirSync, renameSync, rmdirSync, unlinkSync } from "node:fs";
import { errorCode } from "../../base/system-error.ts";

const slash = Buffer.from("/");
/** A directory whose path is longer is brought up: the system takes no path of more than 4096 bytes. */
const longestPath = 3000;

/** Told of what cannot be removed, and why; the rest goes on. */
type Report = (path: string, why: unknown) => void;

/**
 * Removes a file or a tree that may be read-only, and deeper than a path can say. A link goes, never what
 * it leads to. What is gone already, or goes meanwhile, is as good as removed. Without somebody to `report`
 * to, what cannot be removed is thrown.
 */
export function removeTree(path: string | Buffer, report: Report = raise): void {
  new Removal(typeof path === "string" ? Buffer.from(path) : path, report).run();
}

class Removal {
  readonly #root: Buffer;
  readonly #report: Report;
  /** Names as bytes: what a command wrote need not be text. */
  readonly #waiting: Buffer[];
  readonly #trees: Buffer[] = [];
  #broughtUp = 0;
  #isStuck = false;

  constructor(root: Buffer, report: Report) {
    this.#root = root;
    this.#report = report;
    this.#waiting = [root];
  }

  run(): void {
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop()) {
      const here = next;
      this.#try(here, () => {
        this.#take(here);
      });
    }
    for (const tree of this.#trees.reverse()) {
      this.#try(tree, () => {
        rmdirSync(tree);
      });
    }
  }

  /** Unlinks a file; a directory is made writable, and what is in it comes next. */
  #take(found: Buffer): void {
    if (!lstatSync(found).isDirectory()) {
      unlinkSync(found);
      return;
    }
    chmodSync(found, 0o700);
    const here = found.length > longestPath ? this.#bringUp(found) : found;
    this.#trees.push(here);
    for (const name of readdirSync(here, { encoding: "buffer" })) {
      this.#waiting.push(Buffer.concat([here, slash, name]));
    }
  }

  /** Moves a directory to the top of the tree, where its path is short again. */
  #bringUp(from: Buffer): Buffer {
    for (;;) {
      this.#broughtUp += 1;
      const to = Buffer.concat([this.#root, Buffer.from(`/.blut-deep-${this.#broughtUp}`)]);
      if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) continue;
      renameSync(from, to);
      return to;
    }
  }

  #try(path: Buffer, call: () => void): void {
    try {
      call();
    } catch (error) {
      const code = errorCode(error);
      if (code === "ENOENT") return;
      // Of a directory that keeps something that was told of, nothing new is to be told.
      if (this.#isStuck && code === "ENOTEMPTY") return;
      this.#isStuck = true;
      this.#report(path.toString(), error);
    }
  }
}

function raise(_path: string, why: unknown): never {
  throw why;
}
