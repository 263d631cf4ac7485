import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock, type Clock } from "../../daemon/base/clock.ts";
import { Bus, type BusState } from "../../daemon/systemd/bus.ts";
import type { BusRequest } from "../../daemon/systemd/connection.ts";
import { variant } from "../../daemon/systemd/dbus-value.ts";
import { FakeSystemd } from "../support/fake-systemd.ts";
import { PrivateBus } from "../support/private-bus.ts";

const systemd = "org.freedesktop.systemd1";
const managerRule = `type='signal',sender='${systemd}'`;

function busAt(address: string, callTimeoutMs = 10_000, clock: Clock = systemClock): Bus {
  return new Bus({
    address,
    matchRules: [managerRule],
    callTimeoutMs,
    reconnectMinMs: 5,
    reconnectMaxMs: 50,
    clock,
    random: () => 0.5,
  });
}

function managerCall(member: string, signature = "", body: BusRequest["body"] = []): BusRequest {
  const path = "/org/freedesktop/systemd1";
  return { destination: systemd, path, interface: `${systemd}.Manager`, member, signature, body };
}

function stateOf(bus: Bus, wanted: BusState): Promise<void> {
  return new Promise((resolve) => {
    const stop = bus.onState((state) => {
      if (state !== wanted) return;
      stop();
      resolve();
    });
  });
}

/** A clock, and what it was asked for and neither came nor was cancelled. */
function watchedClock(): { armed: Set<object>; clock: Clock } {
  const armed = new Set<object>();
  const after: Clock["after"] = (ms, callback) => {
    const timer = {};
    armed.add(timer);
    const cancel = systemClock.after(ms, () => {
      armed.delete(timer);
      callback();
    });
    return () => {
      armed.delete(timer);
      cancel();
    };
  };
  return { armed, clock: { ...systemClock, after } };
}

describe("a bus connection", () => {
  let server: PrivateBus;
  let fake: FakeSystemd;
  let bus: Bus;

  beforeEach(async () => {
    server = await PrivateBus.start();
    fake = await FakeSystemd.start(server.address);
    bus = busAt(server.address);
  });
  afterEach(async () => {
    bus.close();
    fake.disconnect();
    await server.close();
  });

  test("answers what was asked, with plain values and 64-bit numbers as bigint", async () => {
    fake.intercept("Sizes", (call) => {
      call.reply("ta{sv}v", [call.body[0], { a: variant("t", 3n) }, variant("as", ["x"])]);
    });
    await bus.open();
    const largest = 0xffff_ffff_ffff_ffffn;
    expect(await bus.call(managerCall("Sizes", "t", [largest]))).toEqual({
      ok: true,
      value: [largest, { a: 3n }, ["x"]],
    });
  });

  test("refuses at the door what no signature can carry", async () => {
    await bus.open();
    const reply = await bus.call(managerCall("Sizes", "t", [-1n]));
    expect(reply).toMatchObject({ ok: false, error: { reason: "invalid-property" } });
  });

  test("says why when there is no bus at all", async () => {
    const nowhere = busAt("unix:path=/nonexistent/bus");
    expect(await nowhere.open()).toMatchObject({ ok: false, error: { reason: "bus-closed" } });
    for (const broken of ["unix", "tcp:", "gopher:x=y", "unix:abstract=/x"]) {
      expect((await busAt(broken, 200).open()).ok).toBe(false);
    }
  });

  test("answers bus-closed to a call while it is not connected", async () => {
    const reply = await bus.call(managerCall("Subscribe"));
    expect(reply).toMatchObject({ ok: false, error: { reason: "bus-closed" } });
  });

  test("fault 17: a call that is never answered settles by its own timeout", async () => {
    fake.intercept("Silence", () => undefined);
    await bus.open();
    const reply = await bus.call(managerCall("Silence"), 20);
    expect(reply).toMatchObject({ ok: false, error: { reason: "bus-timeout" } });
  });

  test("fault 17: an answer after the timeout, or a second one, reaches nobody", async () => {
    const answers: (() => void)[] = [];
    fake.intercept("Late", (call) => {
      answers.push(() => {
        call.reply("s", ["late"]);
        call.reply("s", ["again"]);
      });
    });
    fake.intercept("Next", (call) => {
      for (const answer of answers) answer();
      call.reply("s", ["next"]);
      call.reply("s", ["twice"]);
    });
    await bus.open();
    expect((await bus.call(managerCall("Late"), 20)).ok).toBe(false);
    expect(await bus.call(managerCall("Next"))).toEqual({ ok: true, value: ["next"] });
    expect(await bus.call(managerCall("Next"))).toEqual({ ok: true, value: ["next"] });
  });

  test("fault 16: a call under way when the bus is killed settles at once as lost", async () => {
    fake.intercept("Silence", () => undefined);
    await bus.open();
    const underWay = bus.call(managerCall("Silence"), 600_000);
    await fake.called("Silence");
    await server.kill();
    expect(await underWay).toMatchObject({ ok: false, error: { reason: "bus-lost" } });
  });

  test("fault 16: a bus that is killed and restarted is found again, with its match rules", async () => {
    await bus.open();
    for (let round = 0; round < 3; round += 1) {
      const disconnected = stateOf(bus, "disconnected");
      const reconnected = stateOf(bus, "reconnected");
      await server.kill();
      await disconnected;
      expect(bus.isConnected).toBe(false);
      await server.start();
      await fake.connect();
      await reconnected;
      const signal = new Promise((resolve) => bus.onSignal(resolve));
      fake.emit("UnitNew", "so", ["blut.slice", "/u"]);
      expect(await signal).toMatchObject({ member: "UnitNew", body: ["blut.slice", "/u"] });
    }
  });

  test("fault 16: a stopped bus daemon costs each call its timeout and no more", async () => {
    await bus.open();
    server.signal("SIGSTOP");
    const reply = await bus.call(managerCall("Subscribe"), 20);
    server.signal("SIGCONT");
    expect(reply).toMatchObject({ ok: false, error: { reason: "bus-timeout" } });
    expect((await bus.call(managerCall("Subscribe"))).ok).toBe(false);
    expect(bus.isConnected).toBe(true);
  });

  test("leaves no timer behind, whichever way a call or the connection ended", async () => {
    const { armed, clock } = watchedClock();
    bus = busAt(server.address, 600_000, clock);
    fake.intercept("Silence", () => undefined);
    await bus.open();
    await bus.call(managerCall("Subscribe"));
    await bus.call(managerCall("Silence"), 5);
    expect(armed.size).toBe(0);
    const underWay = bus.call(managerCall("Silence"));
    const disconnected = stateOf(bus, "disconnected");
    await server.kill();
    await Promise.all([underWay, disconnected]);
    bus.close();
    expect(armed.size).toBe(0);
  });

  test("closed while it is being made, it is over at once, and so is its timer", async () => {
    const { armed, clock } = watchedClock();
    bus = busAt(server.address, 600_000, clock);
    const opened = bus.open();
    expect(armed.size).toBe(1);
    bus.close();
    expect(armed.size).toBe(0);
    expect(await opened).toMatchObject({ ok: false, error: { reason: "bus-closed" } });
  });

  test("stays away once it is closed, and settles what was under way", async () => {
    fake.intercept("Silence", () => undefined);
    await bus.open();
    const underWay = bus.call(managerCall("Silence"), 600_000);
    bus.close();
    bus.close();
    expect(await underWay).toMatchObject({ ok: false, error: { reason: "bus-lost" } });
    expect(bus.isConnected).toBe(false);
  });
});

describe("a peer that is no proper bus", () => {
  const directory = mkdtempSync(join(tmpdir(), "blut-badbus-"));
  const servers: Server[] = [];

  async function badBus(answer: (line: string) => string | Buffer | undefined): Promise<string> {
    const path = join(directory, `bus${servers.length}`);
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (data) => {
        const reply = answer(data.toString("latin1"));
        if (reply === undefined) socket.destroy();
        else socket.write(reply);
      });
    });
    servers.push(server);
    server.listen(path);
    await once(server, "listening");
    return `unix:path=${path}`;
  }
  afterAll(() => {
    for (const server of servers) server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test.each<[string, (line: string) => string | Buffer | undefined]>([
    ["says nothing", () => ""],
    ["hangs up", () => undefined],
    ["rejects every way to authenticate", () => "REJECTED EXTERNAL\r\n"],
    ["answers noise", () => "\0\x01\x02 noise \r\n\r\n"],
    ["greets, then sends noise", (l) => (l.includes("AUTH") ? "OK 1234\r\n" : "x".repeat(4096))],
    [
      "greets, then claims a message of 4 GiB",
      (l) => (l.includes("AUTH") ? "OK 1\r\n" : Buffer.alloc(16, 0xff)),
    ],
  ])("costs the opening timeout at most when it %s", async (_name, answer) => {
    const bus = busAt(await badBus(answer), 100);
    expect((await bus.open()).ok).toBe(false);
    bus.close();
  });
});
