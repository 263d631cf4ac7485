import { setImmediate } from "node:timers/promises";
import type { Clock } from "../base/clock.ts";
import type { Failure } from "../domain/failure.ts";
import { ok, type Result } from "../domain/result.ts";
import type { Store } from "../store/store.ts";
import type { Content } from "./content.ts";
import type { Ask, DirectoryRecord } from "./jobs.ts";
import type { WorkPool } from "./work-pool.ts";

/** So many rows are read or written in one turn of the event loop. */
const rowsAtOnce = 200;

/** What the digester is made from. */
export interface DigesterParts {
  readonly store: Store;
  readonly pool: WorkPool;
  readonly clock: Clock;
}

/**
 * Tells what files and directories outside hold. What has not changed since it was last read, by its
 * device, inode, size and times, is not read again. A file that changed in the last seconds before it was
 * read is not trusted the next time: it may change again within one tick of its file system's clock.
 */
export class Digester {
  readonly #parts: DigesterParts;
  #readBytes = 0;

  constructor(parts: DigesterParts) {
    this.#parts = parts;
  }

  /** Bytes that were read so far, by all digesting. */
  get readBytes(): number {
    return this.#readBytes;
  }

  /**
   * The content of a file or directory, by its absolute path. Links are followed. `bad-input` names what
   * is not there, may not be read, is neither file nor directory, or leads in a circle. Of code, what was
   * compiled of it is left out.
   */
  async contentOf(path: string, isCode = false): Promise<Result<Content, Failure>> {
    const { pool, clock } = this.#parts;
    const params = { path, startedAt: clock.now(), isCode };
    const digested = await pool.do("digest", params, { answer: this.#answer });
    if (!digested.ok) return digested;
    const { content, records, readBytes } = digested.value;
    this.#readBytes += readBytes;
    await this.#remember(records);
    return ok(content);
  }

  readonly #answer: Ask = async (paths) => {
    const texts: (string | undefined)[] = [];
    for (const [index, path] of paths.entries()) {
      if (index > 0 && index % rowsAtOnce === 0) await setImmediate();
      texts.push(this.#parts.store.fileDigests.get(path));
    }
    return texts;
  };

  /** A row that could not be written costs a second look, nothing else. */
  async #remember(records: readonly DirectoryRecord[]): Promise<void> {
    const { store, clock } = this.#parts;
    for (let from = 0; from < records.length; from += rowsAtOnce) {
      await store.write(() => {
        const now = clock.now();
        for (const { path, text } of records.slice(from, from + rowsAtOnce)) {
          store.fileDigests.put(path, text, now);
        }
        return ok(undefined);
      });
    }
  }
}
