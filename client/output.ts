import { escapeText, toJson } from "./render/escape.ts";
import { paint, styleOf, type ColorChoice, type Style } from "./render/style.ts";
import { otherProblems } from "./render/problem-lines.ts";
import type { Refusal } from "./refusal.ts";
import type { Sink } from "./sink.ts";
import { StatusLine } from "./status-line.ts";

/** How the caller wants to be answered. */
export interface Manner {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: ColorChoice;
}

/**
 * The only way anything is said. Answers go to stdout, as text or as exactly one JSON value; notes and
 * refusals go to stderr.
 */
export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** The style of stdout. */
  readonly style: Style;
  readonly #noteStyle: Style;
  readonly #status: StatusLine;

  constructor(
    streams: { readonly stdout: Sink; readonly stderr: Sink },
    env: Readonly<Record<string, string | undefined>>,
    manner: Manner,
    now: number,
  ) {
    this.json = manner.json;
    this.quiet = manner.quiet;
    this.stdout = streams.stdout;
    this.stderr = streams.stderr;
    const styleFor = (sink: Sink): Style =>
      styleOf({ env, isTTY: sink.isTTY === true, columns: sink.columns }, manner.color, now);
    this.style = styleFor(this.stdout);
    this.#noteStyle = styleFor(this.stderr);
    this.#status = new StatusLine(this.stderr);
  }

  /** Says what was asked for: the value with `--json`, else its rendering. */
  answer<T>(value: T, render: (value: T, style: Style) => string): void {
    if (this.json) this.value(value);
    else this.result(render(value, this.style));
  }

  /** Says what was done: as {@link answer}, but nothing to a person with `--quiet`. */
  confirm<T>(value: T, render: (value: T, style: Style) => string): void {
    if (this.json || !this.quiet) this.answer(value, render);
  }

  /** Says one line or more on stdout. */
  result(text: string): void {
    if (text !== "") this.write(this.stdout, `${text}\n`);
  }

  /** Writes one JSON value and a newline to stdout. */
  value(value: unknown): void {
    this.write(this.stdout, `${toJson(value)}\n`);
  }

  /** Passes on to one of the two streams what is safe there as it is: a log. */
  write(sink: Sink, data: string | Uint8Array): void {
    this.#status.writeAround(sink, data);
  }

  /** Keeps one line at the bottom of a terminal up to date; an empty one goes away. */
  status(render: (style: Style) => string): void {
    this.#status.show(render(this.#noteStyle));
  }

  /** Tells a person something in passing. `text` may hold words of a run: it is escaped here. */
  note(text: string): void {
    if (this.quiet) return;
    const safe = escapeText(text, this.#noteStyle.unicode);
    this.write(this.stderr, `${paint(this.#noteStyle, "dim", safe)}\n`);
  }

  /** Says why not: `error:` and `remedy:` on stderr; with `--json` an `error` value on stdout as well. */
  refuse(refusal: Refusal): void {
    if (this.json) this.value({ error: refusal });
    const style = this.#noteStyle;
    const safe = (text: string): string => escapeText(text, style.unicode);
    const lines = [
      // Several lines of it are a list; none of them can look like a line of its own.
      `${paint(style, ["bold", "red"], "error:")} ${refusal.message.split(/\n */).map(safe).join("\n  ")}`,
      ...otherProblems(style, refusal.data).map((line) => `  ${line}`),
    ];
    if (refusal.remedy !== "") {
      lines.push(`${paint(style, "bold", "remedy:")} ${safe(refusal.remedy)}`);
    }
    this.write(this.stderr, lines.map((line) => `${line}\n`).join(""));
  }
}
