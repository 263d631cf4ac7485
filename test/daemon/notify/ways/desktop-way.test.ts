import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../../daemon/base/clock.ts";
import { messageOf } from "../../../../daemon/notify/message.ts";
import { noNews, withItem } from "../../../../daemon/notify/news.ts";
import { DesktopWay } from "../../../../daemon/notify/ways/desktop-way.ts";
import type { Sent } from "../../../../daemon/notify/ways/way.ts";
import { NotificationServer } from "../../../support/notification-server.ts";
import { PrivateBus } from "../../../support/private-bus.ts";
import { aMessage, sender } from "../support.ts";

const signal = new AbortController().signal;

function send(address: string, message = aMessage(), timeoutMs = 20_000): Promise<Sent> {
  return new DesktopWay({ address, timeoutMs, clock: systemClock }).send(message, signal);
}

async function aBus(): Promise<PrivateBus> {
  const bus = await PrivateBus.start();
  onTestFinished(() => bus.close());
  return bus;
}

async function aDesktop(bus: PrivateBus, capabilities: readonly string[]) {
  const desktop = await NotificationServer.open(bus.address, capabilities);
  onTestFinished(() => {
    desktop.close();
  });
  return desktop;
}

const sentence = "could not start: no <b>such</b> file & \u001b[2Jmore";
const item = { kind: "failure", at: 0, name: "encode", sentence, runId: "run_1" } as const;
const failing = messageOf({ id: "ntc_1", openedAt: 0, news: withItem(noNews, item, 0) }, sender);

test("a notice that was called off before the bus was open is not shown", async () => {
  const bus = await aBus();
  const desktop = await aDesktop(bus, ["body"]);
  const way = new DesktopWay({ address: bus.address, timeoutMs: 20_000, clock: systemClock });
  expect(await way.send(aMessage(), AbortSignal.abort())).not.toEqual({ result: "sent" });
  // What is sent after it is shown after it.
  await send(bus.address, failing);
  expect(desktop.shown.map(({ summary }) => summary)).toStrictEqual(["blut on box: encode failed"]);
});

test("a desktop shows the notice, and nothing in it is taken for markup or acts on anything", async () => {
  const bus = await aBus();
  const desktop = await aDesktop(bus, ["body", "body-markup"]);
  expect(await send(bus.address, failing)).toEqual({ result: "sent" });
  expect(await send(bus.address)).toEqual({ result: "sent" });
  expect(desktop.shown).toMatchObject([
    {
      app: "blut",
      summary: "blut on box: encode failed",
      body: "could not start: no &lt;b&gt;such&lt;/b&gt; file &amp;  [2Jmore",
      urgency: 2,
    },
    { summary: "blut on box: a test", urgency: 1 },
  ]);
});

test("where markup is not understood the text is left as it is", async () => {
  const bus = await aBus();
  const desktop = await aDesktop(bus, ["body"]);
  await send(bus.address, failing);
  expect(desktop.shown).toMatchObject([
    { body: "could not start: no <b>such</b> file &  [2Jmore" },
  ]);
});

test("without a desktop, or without a bus, nobody is told and that is no fault", async () => {
  const bus = await aBus();
  expect(await send(bus.address)).toEqual({
    result: "skipped",
    because: "no desktop takes notices",
  });
  expect(await send("unix:path=/nowhere/bus")).toMatchObject({ result: "skipped" });
});

test("a bus that says nothing is given up after the timeout", async () => {
  const bus = await aBus();
  bus.signal("SIGSTOP");
  expect(await send(bus.address, aMessage(), 500)).toMatchObject({ result: "skipped" });
  bus.signal("SIGCONT");
});

test("one that is called off while a bus says nothing waits for it no longer", async () => {
  const bus = await aBus();
  bus.signal("SIGSTOP");
  const stop = new AbortController();
  const way = new DesktopWay({ address: bus.address, timeoutMs: 600_000, clock: systemClock });
  const sent = way.send(aMessage(), stop.signal);
  stop.abort();
  expect(await sent).toMatchObject({ result: "skipped" });
  bus.signal("SIGCONT");
});
