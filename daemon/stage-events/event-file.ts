import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from "node:fs";
import { isOwnFile, ownFileFlags } from "../base/own-file.ts";
import { errorCode } from "../base/system-error.ts";

/**
 * One for all files: a chunk is used up before the next one is read. Larger than most of what comes
 * between two looks.
 */
const chunk = Buffer.allocUnsafe(256 * 1024);

/** What reading on from where we were found. */
export interface FileNews {
  /** Bytes of the file that follow, good until the next call; none when nothing does. */
  readonly bytes: Buffer;
  /** The file had become shorter than what was read of it: its beginning is read as new. */
  readonly isTruncated: boolean;
}

/**
 * A stage's event file, read from its beginning on. It is opened once: what the stage puts in its place
 * afterwards, a link or a FIFO or another file, is never opened and never read.
 */
export class EventFile {
  readonly #path: string;
  readonly #fd: number;
  #offset = 0;

  private constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
  }

  /** Undefined when there is no file, or for now no descriptor for it; `not-ours` when it is anything else. */
  static open(path: string): EventFile | "not-ours" | undefined {
    let fd: number;
    try {
      fd = openSync(path, constants.O_RDONLY | ownFileFlags);
    } catch (error) {
      const code = errorCode(error);
      return code === "ELOOP" || code === "ENXIO" || code === "EACCES" ? "not-ours" : undefined;
    }
    if (isOwnFile(fstatSync(fd))) return new EventFile(path, fd);
    closeSync(fd);
    return "not-ours";
  }

  /** Reads on, a chunk at most. */
  read(): FileNews {
    const isTruncated = fstatSync(this.#fd).size < this.#offset;
    if (isTruncated) this.#offset = 0;
    const length = this.#readChunk();
    this.#offset += length;
    return { bytes: chunk.subarray(0, length), isTruncated };
  }

  /** A disk that fails has nothing new to say: that is nothing to end the daemon for. */
  #readChunk(): number {
    try {
      return readSync(this.#fd, chunk, 0, chunk.length, this.#offset);
    } catch {
      return 0;
    }
  }

  /** Whether the path still leads to the file that is read. */
  isInPlace(): boolean {
    const there = lstatSync(this.#path, { throwIfNoEntry: false });
    const ours = fstatSync(this.#fd);
    return there?.ino === ours.ino && there.dev === ours.dev;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
