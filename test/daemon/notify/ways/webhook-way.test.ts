import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../../daemon/base/clock.ts";
import { Courier } from "../../../../daemon/notify/courier.ts";
import { signatureOf, WebhookWay } from "../../../../daemon/notify/ways/webhook-way.ts";
import { aMessage, Receiver, say, scratch, type Answer } from "../support.ts";

const longMs = 30_000;

function wayTo(url: string, more: { timeoutMs?: number; secretFile?: string } = {}): WebhookWay {
  return new WebhookWay({ url, timeoutMs: longMs, clock: systemClock, version: "1.2.3", ...more });
}

const send = (way: WebhookWay) => way.send(aMessage(), new AbortController().signal);

const courierTo = (url: string, retries: number): Courier =>
  new Courier({ ways: () => [wayTo(url)], policy: { retries }, clock: systemClock });

const hang: Answer = () => undefined;
const drip: Answer = (response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write("x"), 20);
  response.on("close", () => {
    clearInterval(timer);
  });
};

describe("a webhook", () => {
  test("is posted the JSON with its id", async () => {
    const receiver = await Receiver.open(say(204));
    expect(await send(wayTo(receiver.url))).toEqual({ result: "sent" });
    const [posted] = receiver.posted;
    const message = aMessage();
    expect(posted?.body).toBe(message.body);
    expect(posted?.headers).toMatchObject({
      "content-type": "application/json",
      "user-agent": "blut/1.2.3",
      "webhook-id": message.id,
    });
    expect(posted?.headers).not.toHaveProperty("webhook-signature");
  });

  test("that was called off before it was posted is not posted", async () => {
    const receiver = await Receiver.open(say(200));
    const sent = await wayTo(receiver.url).send(aMessage(), AbortSignal.abort());
    expect(sent).toMatchObject({ result: "failed" });
    expect(receiver.posted).toStrictEqual([]);
  });

  test("is signed as Standard Webhooks has it: its own example", () => {
    const secret = Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64");
    const signed = 'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}';
    expect(signatureOf(secret, signed)).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });

  test("is signed with a secret out of a file that nobody else can read", async () => {
    const secretFile = path.join(scratch(), "secret");
    writeFileSync(secretFile, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", { mode: 0o600 });
    const receiver = await Receiver.open(say(200));
    expect(await send(wayTo(receiver.url, { secretFile }))).toEqual({ result: "sent" });
    const { headers, body } = receiver.posted[0] ?? { headers: {}, body: "" };
    const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
    const secret = Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64");
    expect(headers["webhook-signature"]).toBe(signatureOf(secret, signed));
    expect(Math.abs(Number(headers["webhook-timestamp"]) - Date.now() / 1000)).toBeLessThan(300);
    chmodSync(secretFile, 0o640);
    expect(await send(wayTo(receiver.url, { secretFile }))).toEqual({
      result: "failed",
      because: `${secretFile} can be read by others: chmod 600 ${secretFile}`,
      mayPass: false,
    });
    expect(receiver.posted).toHaveLength(1);
  });

  test.each([
    ["is not there", "", "cannot be read: ENOENT"],
    ["is empty", "\n", "is empty"],
  ])("a secret that %s sends nothing", async (_, text, why) => {
    const secretFile = path.join(scratch(), "secret");
    if (text !== "") writeFileSync(secretFile, text, { mode: 0o600 });
    const receiver = await Receiver.open(say(200));
    const sent = await send(wayTo(receiver.url, { secretFile }));
    expect(sent).toMatchObject({ result: "failed", because: `${secretFile} ${why}` });
    expect(receiver.posted).toEqual([]);
  });

  test.each([
    [500, true],
    [503, true],
    [429, true],
    [408, true],
    [400, false],
    [404, false],
    [410, false],
  ])("that answers %i: trying again makes sense, %j", async (status, mayPass) => {
    const receiver = await Receiver.open(say(status));
    expect(await send(wayTo(receiver.url))).toEqual({
      result: "failed",
      because: `it answered ${status}`,
      mayPass,
    });
  });

  test("may say how long it wants to be left alone, in seconds or as a date, within reason", async () => {
    const later = new Date(Date.now() + 3_600_000).toUTCString();
    const receiver = await Receiver.open(
      say(429, { "retry-after": "7" }),
      say(503, { "retry-after": later }),
      say(503, { "retry-after": "soon" }),
    );
    expect(await send(wayTo(receiver.url))).toMatchObject({ retryAfterMs: 7000 });
    expect(await send(wayTo(receiver.url))).toMatchObject({ retryAfterMs: 300_000 });
    expect(await send(wayTo(receiver.url))).not.toHaveProperty("retryAfterMs");
  });

  test("a redirect is not followed", async () => {
    const elsewhere = await Receiver.open(say(200));
    const receiver = await Receiver.open(say(307, { location: elsewhere.url }));
    const sent = await send(wayTo(receiver.url));
    expect(sent).toMatchObject({ result: "failed", mayPass: false });
    expect(sent).toHaveProperty("because", expect.stringContaining("307, a redirect"));
    expect(elsewhere.posted).toEqual([]);
  });

  test.each([
    ["never answers", hang],
    ["drips its answer for ever", drip],
  ])("that %s is given up after its timeout", async (_, answer) => {
    const receiver = await Receiver.open(answer);
    expect(await send(wayTo(receiver.url, { timeoutMs: 600 }))).toEqual({
      result: "failed",
      because: "no answer within 0.6 s",
      mayPass: true,
    });
  });

  test("that answers without end is hung up on", async () => {
    let isClosed = false;
    const receiver = await Receiver.open((response) => {
      response.on("close", () => (isClosed = true));
      response.writeHead(200);
      const more = (): void => {
        while (response.write("x".repeat(65_536)));
        response.once("drain", more);
      };
      more();
    });
    expect(await send(wayTo(receiver.url))).toEqual({ result: "sent" });
    await expect.poll(() => isClosed).toBe(true);
  });

  test("that hangs up, speaks no HTTP or is not there may be back later", async () => {
    const server = createServer((socket) => socket.resume().end("220 mail\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    expect(await send(wayTo(`http://127.0.0.1:${port}/`))).toMatchObject({
      result: "failed",
      mayPass: true,
    });
    await new Promise((resolve) => server.close(resolve));
    expect(await send(wayTo(`http://127.0.0.1:${port}/`))).toMatchObject({
      because: "it cannot be reached: ECONNREFUSED",
      mayPass: true,
    });
  });
});

describe("the courier", () => {
  test("tries again after a 503, with the same bytes and the same id", async () => {
    const receiver = await Receiver.open(say(503), say(200));
    const courier = courierTo(receiver.url, 3);
    expect(await courier.deliver(aMessage(), new AbortController().signal)).toEqual([
      { way: "webhook", result: "sent", tries: 2 },
    ]);
    const [first, second] = receiver.posted;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
  });

  test("gives up where its tries are used up, and at once where they make no sense", async () => {
    const receiver = await Receiver.open(say(503), say(404));
    const courier = courierTo(receiver.url, 1);
    expect(await courier.deliver(aMessage(), new AbortController().signal)).toEqual([
      { way: "webhook", result: "failed", tries: 2, because: "it answered 404" },
    ]);
    const eager = courierTo(receiver.url, 5);
    expect(await eager.deliver(aMessage(), new AbortController().signal)).toMatchObject([
      { result: "failed", tries: 1 },
    ]);
  });

  test("leaves off when it is called off, and does not know what came of it", async () => {
    const receiver = await Receiver.open(say(429, { "retry-after": "300" }));
    const courier = courierTo(receiver.url, 9);
    const stop = new AbortController();
    const delivered = courier.deliver(aMessage(), stop.signal);
    await expect.poll(() => receiver.posted.length).toBe(1);
    stop.abort();
    expect(await delivered).toBeUndefined();
  });
});
