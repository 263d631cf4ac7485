import { createHmac } from "node:crypto";
import type { IncomingMessage, RequestOptions } from "node:http";
import type { Clock } from "../../base/clock.ts";
import type { Message } from "../message.ts";
import { readSecret } from "./secret.ts";
import { failed, type Sent, type Way } from "./way.ts";

/** Where notices are posted to. The address may hold a secret itself: it is never told. */
export interface WebhookParts {
  readonly url: string;
  readonly secretFile?: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly version: string;
}

/** Of the answer; nobody reads it, and more of it ends the connection. */
const largestAnswerBytes = 64 * 1024;
/** However long whoever takes it wants to be left alone. */
const longestRetryAfterMs = 300_000;

/**
 * Posts each notice as JSON, signed as Standard Webhooks has it: HMAC-SHA256 over `id.timestamp.body`. A
 * redirect is not followed: it would hand a signed notice to somebody nobody named.
 */
export class WebhookWay implements Way {
  readonly name = "webhook";
  readonly #parts: WebhookParts;

  constructor(parts: WebhookParts) {
    this.#parts = parts;
  }

  async send(message: Message, signal: AbortSignal): Promise<Sent> {
    const headers = await this.#headers(message);
    if (typeof headers === "string") return failed(headers, false);
    const { timeoutMs, clock } = this.#parts;
    const ended = new AbortController();
    const stop = (): void => {
      ended.abort();
    };
    signal.addEventListener("abort", stop);
    // It may have been called off while the secret was read.
    if (signal.aborted) stop();
    // The whole of one try, however slowly it drips.
    const disarm = clock.after(timeoutMs, stop);
    try {
      return await this.#post(message.body, headers, ended.signal);
    } catch (error) {
      if (ended.signal.aborted) return failed(`no answer within ${timeoutMs / 1000} s`, true);
      const code = Object(error) as { code?: unknown; message?: unknown };
      const why = typeof code.code === "string" ? code.code : String(code.message);
      return failed(`it cannot be reached: ${why}`, true);
    } finally {
      disarm();
      signal.removeEventListener("abort", stop);
    }
  }

  /** A text: why there are none. */
  async #headers({ id, body }: Message): Promise<Record<string, string> | string> {
    const { secretFile, clock, version } = this.#parts;
    const timestamp = String(Math.floor(clock.now() / 1000));
    const headers = {
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(body)),
      "user-agent": `blut/${version}`,
      "webhook-id": id,
      "webhook-timestamp": timestamp,
    };
    if (secretFile === undefined) return headers;
    const secret = await readSecret(secretFile);
    if (!secret.ok) return secret.error;
    const signature = signatureOf(secret.value, `${id}.${timestamp}.${body}`);
    return { ...headers, "webhook-signature": signature };
  }

  async #post(body: string, headers: Record<string, string>, signal: AbortSignal): Promise<Sent> {
    const { url } = this.#parts;
    // Loaded with the first notice: a daemon that has nothing to tell needs none of it.
    const { request } = await (url.startsWith("https:")
      ? import("node:https")
      : import("node:http"));
    const options: RequestOptions = { method: "POST", headers, signal, agent: false };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(url, options, resolve).on("error", reject).end(body);
    });
    try {
      const sent = judge(answer, this.#parts.clock.now());
      if (sent.result === "sent") await drain(answer);
      return sent;
    } finally {
      answer.destroy();
    }
  }
}

/** Signs a notice as Standard Webhooks, version 1, has it. */
export function signatureOf(secret: Buffer, signed: string): string {
  return `v1,${createHmac("sha256", secret).update(signed).digest("base64")}`;
}

function judge(answer: IncomingMessage, now: number): Sent {
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return { result: "sent" };
  if (status >= 300 && status < 400) {
    return failed(`it answered ${status}, a redirect, which is not followed`, false);
  }
  const mayPass = status >= 500 || status === 429 || status === 408;
  return failed(`it answered ${status}`, mayPass, retryAfter(answer.headers["retry-after"], now));
}

/** Seconds or a date, as HTTP has it. */
function retryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), longestRetryAfterMs) : undefined;
}

/** Reads the answer to its end, or as much of it as anybody needs to send. */
async function drain(answer: IncomingMessage): Promise<void> {
  let size = 0;
  for await (const chunk of answer) {
    size += (chunk as Buffer).length;
    if (size > largestAnswerBytes) return;
  }
}
