import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { systemClock, type Clock } from "../../../daemon/base/clock.ts";
import { ok } from "../../../daemon/domain/result.ts";
import { rpcCodes } from "../../../daemon/protocol/error-codes.ts";
import { wireLimits } from "../../../daemon/protocol/limits.ts";
import type { Call } from "../../../daemon/rpc/call.ts";
import { Dispatcher } from "../../../daemon/rpc/dispatch.ts";
import { createMethod, type Method } from "../../../daemon/rpc/method.ts";
import { SocketServer, type ServerLimits } from "../../../daemon/rpc/server.ts";
import { KeptLog } from "./kept-log.ts";
import { RawClient, temporaryDirectory, type Reply } from "./rig.ts";

/** What the test sees of the calls that are under way. */
interface Seen {
  waits: Call[];
  reached: PromiseWithResolvers<Call>;
}

const methods: Method<Seen>[] = [
  createMethod("echo.say", z.strictObject({ text: z.string() }), ({ text }) => ok(text)),
  createMethod("echo.wait", z.strictObject({}), (_params, seen, call) => {
    seen.waits.push(call);
    seen.reached.resolve(call);
    return new Promise((resolve) => {
      call.signal.addEventListener("abort", () => {
        resolve(ok("gone"));
      });
    });
  }),
  createMethod("echo.big", z.strictObject({}), () => ok("x".repeat(wireLimits.frameBytes))),
  createMethod("echo.flood", z.strictObject({}), (_params, _seen, { peer }) => {
    let sent = 0;
    while (peer.notify("echo.line", { text: "x".repeat(64 * 1024) })) sent++;
    return ok(sent);
  }),
];

interface Rig {
  server: SocketServer;
  path: string;
  log: KeptLog;
  seen: Seen;
}

function serverRig(limits: Partial<ServerLimits> = {}, clock: Clock = systemClock): Rig {
  const log = new KeptLog();
  const seen: Seen = { waits: [], reached: Promise.withResolvers() };
  const server = new SocketServer(new Dispatcher(methods, seen, log), log, clock, {
    ...wireLimits,
    ...limits,
  });
  onTestFinished(() => server.stop());
  return { server, path: join(temporaryDirectory(), "blutd.sock"), log, seen };
}

async function serving(limits: Partial<ServerLimits> = {}): Promise<Rig> {
  const rig = serverRig(limits);
  expect(await rig.server.listen(rig.path)).toEqual(ok(undefined));
  return rig;
}

const openDescriptors = (): number => readdirSync("/proc/self/fd").length;
const request = (id: number, text: string): string =>
  `${JSON.stringify({ jsonrpc: "2.0", id, method: "echo.say", params: { text } })}\n`;

/** Settles once the condition holds, looking again after each turn of the event loop. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe("the socket", () => {
  it("security 1: is 0600 when it is born, and the umask is as before", async () => {
    const { server, path } = serverRig();
    const umask = process.umask(0);
    const listening = server.listen(path);
    await until(() => existsSync(path));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(process.umask(umask)).toBe(0);
    expect((await listening).ok).toBe(true);
  });

  it("security 1: makes its directory 0700, and refuses one that others can enter", async () => {
    const { server, path } = serverRig();
    const made = join(path, "..", "new", "blutd.sock");
    expect((await server.listen(made)).ok).toBe(true);
    expect(statSync(join(made, "..")).mode & 0o777).toBe(0o700);

    const open = join(path, "..", "open");
    mkdirSync(open);
    chmodSync(open, 0o750);
    const refused = await serverRig().server.listen(join(open, "blutd.sock"));
    expect(refused).toMatchObject({ ok: false, error: { reason: "state-unsafe" } });
    expect(readdirSync(open)).toEqual([]);
  });

  it("of a path longer than 107 bytes is refused", async () => {
    const { server, path } = serverRig();
    const directory = join(path, "..");
    const name = "x".repeat(107 - directory.length - 1);
    expect(await server.listen(join(directory, `${name}y`))).toMatchObject({
      ok: false,
      error: { reason: "socket-unusable" },
    });
    expect(readdirSync(directory)).toEqual([]);
    expect((await server.listen(join(directory, name))).ok).toBe(true);
    expect(readdirSync(directory)).toEqual([name]);
  });

  it("fault 13: takes the place of one that nobody answers on", async () => {
    const { server, path } = serverRig();
    const code = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 9))`;
    await once(spawn(process.execPath, ["-e", code]), "exit");
    expect(lstatSync(path).isSocket()).toBe(true);
    expect((await server.listen(path)).ok).toBe(true);
    const client = await RawClient.connect(path);
    expect(await client.call("echo.say", { text: "new" })).toMatchObject({ result: "new" });
  });

  it("fault 13: does not touch a file that is no socket", async () => {
    const { server, path } = serverRig();
    writeFileSync(path, "mine");
    expect(await server.listen(path)).toMatchObject({
      ok: false,
      error: { reason: "socket-unusable" },
    });
    expect(lstatSync(path).size).toBe(4);
  });

  it("fault 12: of 20 servers at once exactly one lives, and its socket stays", async () => {
    const rigs = Array.from({ length: 20 }, () => serverRig());
    const path = rigs[0]?.path ?? "";
    const results = await Promise.all(rigs.map(({ server }) => server.listen(path)));
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    for (const result of results) {
      if (!result.ok) expect(result.error.reason).toBe("state-in-use");
    }
    const losers = rigs.filter((_rig, i) => results[i]?.ok === false);
    await Promise.all(losers.map(({ server }) => server.stop()));
    const client = await RawClient.connect(path);
    expect(await client.call("echo.say", { text: "one" })).toMatchObject({ result: "one" });
  });

  it("fault 41: is made again when its file or its directory is removed", async () => {
    const { server, path } = await serving();
    const before = await RawClient.connect(path);
    const directory = join(path, "..");
    for (const remove of [
      () => {
        unlinkSync(path);
      },
      () => {
        rmSync(directory, { recursive: true });
      },
    ]) {
      remove();
      await until(() => existsSync(path));
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(statSync(directory).mode & 0o777).toBe(0o700);
      const client = await RawClient.connect(path);
      expect(await client.call("echo.say", { text: "again" })).toMatchObject({ result: "again" });
    }
    expect(await before.call("echo.say", { text: "still" })).toMatchObject({ result: "still" });
    await server.stop();
    expect(existsSync(path)).toBe(false);
  });

  it("fault 41: is found to be gone within 5 s where the kernel tells nobody", async () => {
    const timers: { ms: number; callback: () => void }[] = [];
    const clock: Clock = {
      ...systemClock,
      after: (ms, callback) => {
        timers.push({ ms, callback });
        return () => undefined;
      },
    };
    const { server, path, log } = serverRig({}, clock);
    expect((await server.listen(path)).ok).toBe(true);
    expect(timers.map(({ ms }) => ms)).toEqual([5000]);
    unlinkSync(path);
    timers[0]?.callback();
    await until(() => existsSync(path));
    expect(log.lines).toMatchObject([{ level: "warn", facts: { path } }]);
  });

  it("fault 12: that another daemon bound meanwhile is left to it", async () => {
    const { server, path, log } = await serving();
    const other = createServer();
    unlinkSync(path);
    other.listen(path);
    await until(() => log.lines.length > 0);
    expect(log.lines).toMatchObject([{ level: "error" }]);
    await server.stop();
    expect(lstatSync(path).isSocket()).toBe(true);
    other.close();
    await once(other, "close");
  });
});

describe("few descriptors", () => {
  it("fault 29: refuse clients politely, keep serving, and stay idle", async () => {
    const path = join(temporaryDirectory(), "blutd.sock");
    const program = join(import.meta.dirname, "serve-few-descriptors.ts");
    const child = spawn("prlimit", ["--nofile=40", process.execPath, program, path], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    expect(await lines.next()).toMatchObject({ value: "serving" });
    const clients = await Promise.all(Array.from({ length: 60 }, () => RawClient.connect(path)));
    // They say nothing yet: who is refused is told so unasked, whoever is not hears nothing.
    const refusals: Reply[] = [];
    const firstFrames = clients.map(async (client) => {
      const frame = await client.next();
      refusals.push(frame);
      return frame;
    });
    let taken = 0;
    while (taken + refusals.length < clients.length) {
      child.stdin.write("connections\n");
      taken = Number((await lines.next()).value);
    }
    expect(taken).toBeGreaterThan(0);
    for (const { error } of refusals) {
      expect(error?.data).toMatchObject({ reason: "too-many-requests", retryable: true });
    }

    child.stdin.write("cpu\n");
    expect(Number((await lines.next()).value)).toBeLessThan(100);
    const [first] = clients;
    first?.send(request(1, "still"));
    expect(await firstFrames[0]).toMatchObject({ result: "still" });

    for (const client of clients) client.socket.destroy();
    child.stdin.write("empty\n");
    expect(await lines.next()).toMatchObject({ value: "empty" });
    const again = await RawClient.connect(path);
    expect(await again.call("echo.say", { text: "again" })).toMatchObject({ result: "again" });
  });
});

describe("a client", () => {
  it("fault 28: that half-closes still gets its answers, and its long polls end", async () => {
    const { server, path, seen } = await serving();
    const client = await RawClient.connect(path, { allowHalfOpen: true });
    client.send(`{"jsonrpc":"2.0","id":1,"method":"echo.wait"}\n${request(2, "last")}`);
    client.socket.end();
    const answers = [await client.next(), await client.next()];
    expect(answers.map(({ result }) => result).sort()).toEqual(["gone", "last"]);
    await client.closed;
    await until(() => server.connections === 0);
    expect(seen.waits).toHaveLength(1);
  });

  it("fault 28: that is cut ends its long polls", async () => {
    const { server, path, seen } = await serving();
    const client = await RawClient.connect(path);
    client.send('{"jsonrpc":"2.0","id":1,"method":"echo.wait"}\n');
    const call = await seen.reached.promise;
    expect(call.signal.aborted).toBe(false);
    client.socket.destroy();
    await until(() => call.signal.aborted);
    await until(() => server.connections === 0);
  });

  it("fault 28: 2,000 clients cut mid-frame leave no descriptor behind", async () => {
    const { server, path } = await serving();
    const first = await RawClient.connect(path);
    await first.call("echo.say", { text: "warm" });
    const before = openDescriptors();
    for (let round = 0; round < 20; round++) {
      const clients = await Promise.all(Array.from({ length: 100 }, () => RawClient.connect(path)));
      for (const [i, client] of clients.entries()) {
        client.send(i % 3 === 0 ? request(i, "whole") : '{"jsonrpc":"2.0","id":');
        if (i % 2 === 0) client.socket.end();
        else client.socket.destroy();
      }
      await Promise.all(clients.map(({ closed }) => closed));
    }
    await until(() => server.connections === 1);
    expect(openDescriptors()).toBeLessThanOrEqual(before);
  });

  it("fault 27: that never reads is cut off at its backlog, and the others go on", async () => {
    const { server, path, log } = await serving({ backlogBytes: 1024 * 1024 });
    const stuck = await RawClient.connect(path);
    stuck.socket.pause();
    const other = await RawClient.connect(path);
    stuck.send('{"jsonrpc":"2.0","id":1,"method":"echo.flood"}\n');
    await until(() => log.lines.length > 0);
    expect(log.lines).toMatchObject([{ level: "warn", facts: { reason: "slow-reader" } }]);
    expect(await other.call("echo.say", { text: "fine" })).toMatchObject({ result: "fine" });
    await until(() => server.connections === 1);
  });

  it("fault 27: that asks on and on without reading is cut off too", async () => {
    const { server, path, log } = await serving({ backlogBytes: 1024 * 1024 });
    const stuck = await RawClient.connect(path);
    stuck.socket.pause();
    const frame = request(1, "x".repeat(500_000));
    while (!stuck.socket.closed && log.lines.length === 0) {
      stuck.send(frame);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => server.connections === 0);
  });

  it("security 10: is refused a request while all clients together have too many open", async () => {
    const { path, seen } = await serving({ openRequests: 2 });
    const clients = [await RawClient.connect(path), await RawClient.connect(path)];
    for (const client of clients) client.send('{"jsonrpc":"2.0","id":1,"method":"echo.wait"}\n');
    await until(() => seen.waits.length === 2);
    const third = await RawClient.connect(path);
    const { error } = await third.call("echo.say", { text: "in" });
    expect(error?.data).toMatchObject({ reason: "too-many-requests", retryable: true });
    clients[0]?.socket.destroy();
    await until(
      () => seen.waits[0]?.signal.aborted === true || seen.waits[1]?.signal.aborted === true,
    );
    expect(await third.call("echo.say", { text: "in" })).toMatchObject({ result: "in" });
  });

  it("over the cap is told so in one frame, and one more fits when another leaves", async () => {
    const { server, path, log } = await serving({ connections: 2 });
    const first = await RawClient.connect(path);
    await RawClient.connect(path);
    await until(() => server.connections === 2);
    for (let i = 0; i < 3; i++) {
      const third = await RawClient.connect(path);
      const { error } = await third.next();
      expect(error?.data).toMatchObject({ reason: "too-many-requests", retryable: true });
      await third.closed;
    }
    expect(log.lines).toHaveLength(1);
    first.socket.destroy();
    await until(() => server.connections === 1);
    const client = await RawClient.connect(path);
    expect(await client.call("echo.say", { text: "in" })).toMatchObject({ result: "in" });
  });

  it("of broken frames is answered, closed where the rest cannot be trusted, and logged nowhere", async () => {
    const { path, log } = await serving();
    const client = await RawClient.connect(path);
    client.send("not json\n");
    expect((await client.next()).error?.code).toBe(rpcCodes.parseError);
    client.send(request(1, "goes on"));
    expect(await client.next()).toMatchObject({ result: "goes on" });
    client.send(`{"a":"\0"}\n${request(2, "never")}`);
    expect((await client.next()).error?.code).toBe(rpcCodes.invalidRequest);
    expect(await client.next()).toEqual({ method: "closed" });
    expect(log.lines.filter(({ level }) => level !== "debug")).toEqual([]);
  });

  it("that sends without a newline for ever gets its answer and is closed", async () => {
    const { server, path } = await serving();
    const client = await RawClient.connect(path);
    client.send("x".repeat(wireLimits.frameBytes + 3_000_000));
    expect((await client.next()).error?.message).toContain("at most 4194304 bytes");
    await client.closed;
    await until(() => server.connections === 0);
  });

  it("gets an error instead of an answer larger than a frame", async () => {
    const { path } = await serving();
    const client = await RawClient.connect(path);
    const { error } = await client.call("echo.big");
    expect(error?.data).toMatchObject({ reason: "invalid-request", retryable: false });
    expect(error?.message).toContain("4194304 bytes");
    expect(await client.call("echo.say", { text: "small" })).toMatchObject({ result: "small" });
  });

  it("is let go when the server stops: what was asked is answered, long polls end", async () => {
    const { server, path, seen } = await serving();
    const client = await RawClient.connect(path);
    client.send('{"jsonrpc":"2.0","id":1,"method":"echo.wait"}\n');
    await seen.reached.promise;
    const stopped = server.stop();
    expect(await client.next()).toMatchObject({ id: 1, result: "gone" });
    await client.closed;
    await stopped;
    expect(existsSync(path)).toBe(false);
  });
});
