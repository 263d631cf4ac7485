import { backoffMs } from "../base/backoff.ts";
import type { Clock } from "../base/clock.ts";
import type { NoticeOutcome } from "../domain/notice.ts";
import type { Message } from "./message.ts";
import { failed, type Sent, type Way } from "./ways/way.ts";

/** How a notice is brought to people. */
export interface CourierParts {
  readonly ways: () => readonly Way[];
  readonly policy: { readonly retries: number };
  readonly clock: Clock;
}

const backoff = { firstMs: 1000, factor: 4, longestMs: 120_000 };

/** Brings a message all ways at once, each with its own tries: one that hangs holds up no other. */
export class Courier {
  readonly #parts: CourierParts;

  constructor(parts: CourierParts) {
    this.#parts = parts;
  }

  /** Undefined when it was called off: then it is not known what came of it. */
  async deliver(
    message: Message,
    signal: AbortSignal,
  ): Promise<readonly NoticeOutcome[] | undefined> {
    const { ways, policy } = this.#parts;
    const outcomes = await Promise.all(
      ways().map((way) => this.#deliverBy(way, message, { signal, retries: policy.retries })),
    );
    return signal.aborted ? undefined : outcomes;
  }

  /** The same with one try each. */
  async tryOnce(message: Message): Promise<readonly NoticeOutcome[]> {
    const { signal } = new AbortController();
    return Promise.all(
      this.#parts.ways().map((way) => this.#deliverBy(way, message, { signal, retries: 0 })),
    );
  }

  async #deliverBy(
    way: Way,
    message: Message,
    { signal, retries }: { readonly signal: AbortSignal; readonly retries: number },
  ): Promise<NoticeOutcome> {
    for (let tries = 1; ; tries++) {
      const sent = await attempt(way, message, signal);
      const because = sent.result === "sent" ? {} : { because: sent.because };
      const outcome = { way: way.name, result: sent.result, tries, ...because };
      if (sent.result !== "failed" || !sent.mayPass || tries > retries) return outcome;
      await this.#wait(Math.max(sent.retryAfterMs ?? 0, backoffMs(backoff, tries)), signal);
      if (signal.aborted) return outcome;
    }
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        disarm();
        signal.removeEventListener("abort", end);
        resolve();
      };
      const disarm = this.#parts.clock.after(ms, end);
      signal.addEventListener("abort", end);
    });
  }
}

/** A way that throws is a bug of ours; the notice goes the other ways all the same. */
async function attempt(way: Way, message: Message, signal: AbortSignal): Promise<Sent> {
  if (signal.aborted) return failed("it was called off", false);
  try {
    return await way.send(message, signal);
  } catch (thrown) {
    return failed(`a bug: ${String(thrown)}`, false);
  }
}
