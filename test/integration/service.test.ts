import { once } from "node:events";
import Database from "better-sqlite3";
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Rig } from "../support/rig.ts";

/** Becomes the daemon with a socket that listens already, as systemd starts a service. */
const activate = `
import os, socket, sys
os.makedirs(os.path.dirname(sys.argv[1]), mode=0o700, exist_ok=True)
listening = socket.socket(socket.AF_UNIX)
os.umask(0o177)
listening.bind(sys.argv[1])
listening.listen()
os.umask(0o022)
os.dup2(listening.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="blutd.socket")
os.execvp(sys.argv[2], sys.argv[2:])
`;

let rig: Rig;
let told: string;

/** Every notice so far; what systemd is told goes through a program, and this one writes it down. */
const notices = (): string[] =>
  existsSync(told) ? readFileSync(told, "utf8").trim().split("\n") : [];

beforeEach(() => {
  rig = Rig.prepare({ containment: "polling" });
  told = path.join(rig.directory, "told");
  mkdirSync(path.join(rig.directory, "bin"));
  // Slow enough that a daemon in a hurry would be gone before its last notice.
  const script = `#!/bin/sh\nsleep 0.1\necho "$*" >> '${told}'\n`;
  writeFileSync(path.join(rig.directory, "bin", "systemd-notify"), script, { mode: 0o755 });
});

afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

const underSystemd = (watchdogMs?: number): Record<string, string> => ({
  PATH: `${path.join(rig.directory, "bin")}:${process.env["PATH"] ?? "/usr/bin:/bin"}`,
  NOTIFY_SOCKET: "/run/user/nobody/notify",
  ...(watchdogMs !== undefined && { WATCHDOG_USEC: String(watchdogMs * 1000) }),
});

describe("a socket that systemd made", () => {
  beforeEach(async () => {
    await rig.boot({ wrapper: ["python3", "-c", activate, rig.socket] });
  });

  test("is served, is never given to work, and stays when the daemon ends", async () => {
    const id = await rig.submit([
      "sh",
      "-c",
      'for fd in /proc/self/fd/*; do readlink "$fd" || :; done',
    ]);
    expect(await rig.finished(id)).toMatchObject({ state: "succeeded" });
    expect(await rig.output(id)).not.toContain("socket:");
    const made = lstatSync(rig.socket).ino;
    expect(await rig.end("SIGTERM")).toBe(0);
    expect(lstatSync(rig.socket).ino).toBe(made);
  });

  test("fault 41: is replaced by the daemon's own when its file was removed", async () => {
    const made = lstatSync(rig.socket).ino;
    rmSync(rig.socket);
    await expect.poll(() => existsSync(rig.socket)).toBe(true);
    expect(lstatSync(rig.socket)).not.toMatchObject({ ino: made });
    expect(lstatSync(rig.socket).mode & 0o777).toBe(0o600);
    await rig.connect();
    expect(await rig.call("daemon.status", {})).toMatchObject({ health: [] });
    expect(await rig.end("SIGTERM")).toBe(0);
    expect(existsSync(rig.socket)).toBe(false);
  });
});

test("who asks after a daemon has said why it will not start hears it all the same", async () => {
  const wrapper = ["python3", "-c", activate, rig.socket];
  const refused = rig.launch({ wrapper, flags: ["--budget", "nonsense"] });
  // 00010000 is a socket that listens.
  const listening = new RegExp(`00010000 .* ${rig.socket}$`, "m");
  const isListening = (): boolean => listening.test(readFileSync("/proc/net/unix", "utf8"));
  await expect.poll(isListening).toBe(true);
  const socket = connect(rig.socket);
  await once(socket, "readable");
  socket.write("a question");
  expect(await text(socket)).toContain("--budget");
  expect(await refused).toBe(78);
});

describe("what systemd is told", () => {
  test("ready with a sentence, a reload, and the end; one after the other", async () => {
    await rig.boot({ env: underSystemd() });
    await rig.call("daemon.reload", {});
    expect(await rig.end("SIGTERM")).toBe(0);
    const sentence = "STATUS=0 running, 0 waiting; 0 B of .* promised$";
    expect(notices()).toEqual([
      expect.stringMatching(new RegExp(`^READY=1 ${sentence}`)),
      "RELOADING=1",
      "READY=1",
      expect.stringMatching(new RegExp(`^${sentence}`)),
      expect.stringMatching(/^STOPPING=1 STATUS=stopping/),
    ]);
  });

  test("a beat comes after a commit, so it stops while nothing can be committed, and comes back", async () => {
    await rig.boot({ env: underSystemd(600) });
    const beats = (): number => notices().filter((line) => line.includes("WATCHDOG=1")).length;
    await expect.poll(beats).toBeGreaterThan(1);
    const other = new Database(rig.database);
    other.exec("BEGIN IMMEDIATE");
    // A notice without a beat: the sentence still goes out, with what is wrong.
    await expect.poll(() => notices().at(-1)).toMatch(/^STATUS=.*locked|busy|another process/);
    const before = beats();
    other.exec("ROLLBACK");
    other.close();
    await expect.poll(beats).toBeGreaterThan(before);
  });

  test("nothing, and no program is started, where nobody listens", async () => {
    const { PATH = "" } = underSystemd();
    await rig.boot({ env: { PATH } });
    await rig.call("daemon.reload", {});
    expect(await rig.end("SIGTERM")).toBe(0);
    expect(notices()).toEqual([]);
  });
});
