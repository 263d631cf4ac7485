import { longestLineBytes } from "./stage-event.ts";

/** A line without its newline; of one that is too long only its beginning, one byte past the cap. */
type OnLine = (line: Buffer) => void;

const newline = 0x0a;
/** Enough for whoever parses it to see that the line is too long. */
const mostKept = longestLineBytes + 1;

/**
 * Cuts a stream into lines. Of a line that goes on and on it keeps no more than shows that it is too
 * long: a line of 100 MB costs what one of 64 KiB does.
 */
export class LineSplitter {
  /** The beginning of a line whose newline has not come. */
  #begun: Buffer[] = [];
  #begunBytes = 0;

  /** The chunk may be used again afterwards; a line is good only during the call. */
  push(chunk: Buffer, onLine: OnLine): void {
    let from = 0;
    for (let to = chunk.indexOf(newline); to !== -1; to = chunk.indexOf(newline, from)) {
      onLine(this.#ended(chunk.subarray(from, to)));
      from = to + 1;
    }
    this.#keep(chunk.subarray(from));
  }

  /** What is there without a newline, if anything, and forgets it. */
  rest(): Buffer | undefined {
    return this.#begunBytes === 0 ? undefined : this.#ended(Buffer.alloc(0));
  }

  /** Bytes held of a line that has not ended. */
  get heldBytes(): number {
    return this.#begunBytes;
  }

  #ended(end: Buffer): Buffer {
    if (this.#begunBytes === 0) return end.subarray(0, mostKept);
    this.#keep(end);
    const line = Buffer.concat(this.#begun, this.#begunBytes);
    this.#begun = [];
    this.#begunBytes = 0;
    return line;
  }

  #keep(piece: Buffer): void {
    const kept = piece.subarray(0, mostKept - this.#begunBytes);
    if (kept.length === 0) return;
    this.#begun.push(Buffer.from(kept));
    this.#begunBytes += kept.length;
  }
}
