import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { testMessage, type Message } from "../../../daemon/notify/message.ts";

export const hooks = path.resolve(import.meta.dirname, "../../fixtures/hooks");
export const sender = { host: "box", version: "0.0.0" };

/** A notice to send. */
export function aMessage(): Message {
  return testMessage("ntc_0123456789abcdef01234567", 1000, sender);
}

/** A directory of this test's own, gone when it ends. */
export function scratch(): string {
  const directory = mkdtempSync(path.join(tmpdir(), "blut-notify-"));
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

/** Whether a process is there and no zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** What was posted. */
export interface Posted {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How to answer; the last way is kept for whatever comes after. */
export type Answer = (response: ServerResponse) => void;

export const say =
  (status: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) => {
    response.writeHead(status, headers).end("said");
  };

/** A web server on this box that answers as it was told and keeps what it was sent. */
export class Receiver {
  readonly posted: Posted[] = [];
  readonly #server: Server;

  private constructor(answers: readonly Answer[]) {
    this.#server = createServer((request, response) => {
      void request.toArray().then((chunks) => {
        const body = Buffer.concat(chunks as Buffer[]).toString("utf8");
        this.posted.push({ headers: request.headers, body });
        const answer = answers[Math.min(this.posted.length, answers.length) - 1];
        answer?.(response);
      });
    });
  }

  static async open(...answers: readonly Answer[]): Promise<Receiver> {
    const receiver = new Receiver(answers);
    const server = receiver.#server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/told?token=s3cret`;
  }
}
