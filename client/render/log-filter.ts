/*
 * A log on a terminal keeps its colours and loses the rest: text, tab, newline and SGR sequences pass,
 * everything else that could act on the terminal becomes visible. A lone carriage return, with which a
 * progress bar overwrites its line and an attacker anything, begins a new line.
 */
import { escapeText } from "./escape.ts";

const sgr = /(\u001b\[[0-9;:]{0,64}m)/;
/** The beginning of what may become an SGR sequence or a CRLF with the next bytes. */
const unfinished = /(?:\u001b(?:\[[0-9;:]{0,64})?|\r)$/;

/** Makes the bytes of one stream safe for a terminal, however they are cut. */
export class LogFilter {
  readonly #decoder = new TextDecoder();
  readonly #unicode: boolean;
  #held = "";

  constructor(unicode: boolean) {
    this.#unicode = unicode;
  }

  /** Takes the next bytes and answers what may be printed of them now. */
  push(bytes: Uint8Array): string {
    const text = this.#held + this.#decoder.decode(bytes, { stream: true });
    this.#held = unfinished.exec(text)?.[0] ?? "";
    return this.#safe(text.slice(0, text.length - this.#held.length));
  }

  /** Answers what was still held back, and switches colours off that the log left on. */
  end(): string {
    const rest = this.#safe(this.#held + this.#decoder.decode());
    this.#held = "";
    return rest;
  }

  #safe(text: string): string {
    return text
      .replace(/\r\n?/g, "\n")
      .split(sgr)
      .map((part) => (sgr.test(part) ? part : this.#escapeLines(part)))
      .join("");
  }

  #escapeLines(text: string): string {
    return text.replace(/[^\n\t]+/g, (part) => escapeText(part, this.#unicode));
  }
}
