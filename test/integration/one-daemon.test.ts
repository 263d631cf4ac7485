import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Connection } from "../../client/connection.ts";
import { Rig } from "../support/rig.ts";
import { polling } from "./ledger.ts";

const said = (rig: Rig): string => rig.log.map(({ msg }) => msg).join("\n");

test("fault 12: of 20 daemons on one state directory exactly one lives, the others exit at once", async () => {
  const directory = mkdtempSync(path.join(tmpdir(), "blut-rig-"));
  const rigs = Array.from({ length: 20 }, () => Rig.prepare({ ...polling, directory }));
  onTestFinished(async () => {
    // The directory is everybody's: it goes when nobody is left in it.
    for (const rig of rigs) await rig.end("SIGKILL");
    for (const rig of rigs) await rig[Symbol.asyncDispose]();
  });
  const fates = await Promise.all(rigs.map((rig) => rig.launch()));
  expect(fates.filter((fate) => fate === "ready")).toHaveLength(1);
  expect(fates.filter((fate) => fate === 75)).toHaveLength(19);
  const winner = rigs[fates.indexOf("ready")];
  await winner?.connect();
  expect(await winner?.call("daemon.status", {})).toMatchObject({ pid: winner?.pid });
  const loser = rigs[fates.indexOf(75)];
  expect(loser === undefined ? "" : said(loser)).toMatch(/another blutd uses .*\nremedy: /);
}, 60_000);

describe("fault 13: what an earlier daemon or somebody else left", () => {
  test("a socket nobody answers on is taken over", async () => {
    await using rig = await Rig.start(polling);
    await rig.end("SIGKILL");
    expect(existsSync(rig.socket)).toBe(true);
    await rig.boot();
    expect(await rig.call("daemon.status", {})).toMatchObject({ pid: rig.pid });
  });

  test("a file that is no socket is refused and left alone", async () => {
    await using rig = Rig.prepare(polling);
    mkdirSync(path.dirname(rig.socket), { mode: 0o700 });
    writeFileSync(rig.socket, "mine");
    expect(await rig.launch()).toBe(78);
    expect(said(rig)).toMatch(/not a socket[^]*remedy: /);
    expect(statSync(rig.socket).size).toBe(4);
  });

  test("a socket that somebody answers on is left to them", async () => {
    await using rig = Rig.prepare(polling);
    mkdirSync(path.dirname(rig.socket), { mode: 0o700 });
    const stranger = createServer((socket) => {
      socket.on("error", () => undefined).end("hello\n");
    }).listen(rig.socket);
    await once(stranger, "listening");
    onTestFinished(() => {
      stranger.close();
    });
    expect(await rig.launch()).toBe(75);
    expect(said(rig)).toMatch(/another daemon answers/);
    expect(existsSync(rig.socket)).toBe(true);
  });

  test("a lock file that names nobody alive keeps nobody out", async () => {
    await using rig = Rig.prepare(polling);
    mkdirSync(rig.stateDir, { mode: 0o700 });
    writeFileSync(path.join(rig.stateDir, "blutd.lock"), "", { mode: 0o600 });
    writeFileSync(path.join(rig.stateDir, "blutd.pid"), "1\n");
    await rig.boot();
    expect(await rig.call("daemon.status", {})).toMatchObject({ pid: rig.pid });
  });
});

test("fault 41: a runtime directory that is cleaned away is made again, and work notices nothing", async () => {
  await using rig = await Rig.start(polling);
  const id = await rig.hold("cleaned");
  await rig.says(id, "holding");
  // The daemon may be back before the last entry is gone.
  rmSync(path.dirname(rig.socket), { recursive: true, maxRetries: 20, retryDelay: 10 });
  const found = await vi.waitUntil(async () => {
    const opened = await Connection.open(rig.socket);
    return opened.ok ? opened.value : undefined;
  }, 10_000);
  expect(await found.call("daemon.status", {})).toMatchObject({ ok: true });
  found.close();
  expect(statSync(path.dirname(rig.socket)).mode & 0o777).toBe(0o700);
  expect(statSync(rig.socket).mode & 0o777).toBe(0o600);
  rig.release("cleaned");
  expect(await rig.finished(id)).toMatchObject({ state: "succeeded", attempts: 1 });
});
