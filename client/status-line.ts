import type { Sink } from "./sink.ts";

const erase = "\r\u001b[2K";

/**
 * One line at the bottom of a terminal that changes in place. Everything else that goes to the terminal
 * goes around it: the line makes room and comes back below.
 */
export class StatusLine {
  readonly #sink: Sink;
  #text = "";
  #isDrawn = false;
  /** What was written last ended its line: only then is there room for ours. */
  #isFree = true;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Shows another text, which must fit the terminal; an empty one takes the line away. */
  show(text: string): void {
    if (this.#sink.isTTY !== true || text === this.#text) return;
    this.#text = text;
    this.#erase();
    this.#draw();
  }

  /** Writes to a stream that may be the same terminal. */
  writeAround(sink: Sink, data: string | Uint8Array): void {
    if (sink.isTTY !== true) {
      sink.write(data);
      return;
    }
    this.#erase();
    sink.write(data);
    if (data.length > 0) this.#isFree = data.at(-1) === "\n" || data.at(-1) === 0x0a;
    this.#draw();
  }

  #draw(): void {
    if (this.#text === "" || !this.#isFree) return;
    this.#sink.write(this.#text);
    this.#isDrawn = true;
  }

  #erase(): void {
    if (this.#isDrawn) this.#sink.write(erase);
    this.#isDrawn = false;
  }
}
