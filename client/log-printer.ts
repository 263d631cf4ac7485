import type { LogEvent, Stream } from "./log-pages.ts";
import type { Output } from "./output.ts";
import { formatBytes } from "./render/bytes.ts";
import { LogFilter } from "./render/log-filter.ts";
import type { Refusal } from "./refusal.ts";
import type { Sink } from "./sink.ts";

/** Writes one stream of a log to where it goes: raw into files and pipes, made safe on a terminal. */
export class LogPrinter {
  readonly #sink: Sink;
  readonly #output: Output;
  readonly #filter: LogFilter | undefined;
  readonly #stream: Stream;

  constructor(output: Output, stream: Stream, sink: Sink, raw: boolean) {
    this.#output = output;
    this.#stream = stream;
    this.#sink = sink;
    this.#filter = sink.isTTY === true && !raw ? new LogFilter(output.style.unicode) : undefined;
  }

  /** Writes bytes of the log. */
  write(bytes: Uint8Array): void {
    this.#output.write(this.#sink, this.#filter?.push(bytes) ?? bytes);
  }

  /** Prints what comes until it ends; a refusal is answered, not printed. */
  async drain(
    events: AsyncIterable<LogEvent>,
    onWaiting: () => Promise<void>,
  ): Promise<Refusal | undefined> {
    for await (const event of events) {
      switch (event.kind) {
        case "bytes":
          this.write(event.bytes);
          break;
        case "hole":
          this.#output.note(
            `${formatBytes(event.bytes)} of ${this.#stream} are gone: the log went over its cap`,
          );
          break;
        case "attempt":
          if (this.#stream === "stdout") this.#output.note(beginning(event));
          break;
        case "waiting":
          await onWaiting();
          break;
        case "refused":
          return event.refusal;
      }
    }
    if (this.#filter !== undefined) this.#output.write(this.#sink, this.#filter.end());
    return undefined;
  }
}

/** A step is named where there are many. */
function beginning({ step, number }: Extract<LogEvent, { kind: "attempt" }>): string {
  return `${step === undefined ? "" : `step ${step}, `}attempt ${number} begins`;
}
