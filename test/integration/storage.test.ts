import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import Database from "better-sqlite3";
import { describe, expect, test, vi } from "vitest";
import { Rig, type LogLine, type RigOptions } from "../support/rig.ts";
import { expectIntact, ledgerStage, polling } from "./ledger.ts";
import { injectInto } from "./strace.ts";

/** A small disk of its own under one directory of the daemon's, seen by it and its work only. */
function smallDisk(place: string, megabytes: number): Pick<RigOptions, "wrapper"> {
  const mount = `(umask 077 && mkdir -p "$0") && mount -t tmpfs -o size=${String(megabytes)}m,mode=700 tmpfs "$0" && exec "$@"`;
  const unshare = process.getuid?.() === 0 ? ["unshare", "-m"] : ["unshare", "-rm"];
  return { wrapper: [...unshare, "sh", "-c", mount, place] };
}

/** Fills the daemon's own disk to the last page; answers how to make room again. */
function fillUp(rig: Rig, place: string): () => void {
  const ballast = `/proc/${String(rig.pid)}/root${path.join(place, "ballast")}`;
  const fd = openSync(ballast, "w");
  for (const bytes of [65536, 4096]) {
    try {
      for (;;) writeSync(fd, Buffer.alloc(bytes));
    } catch (error) {
      expect(error).toMatchObject({ code: "ENOSPC" });
    }
  }
  closeSync(fd);
  return () => {
    rmSync(ballast);
  };
}

const submit = { argv: ["true"] as [string], cwd: "/", env: { PATH: "/usr/bin:/bin" } };

describe("fault 7: the disk is full", () => {
  test("submits are refused, reads and cancel work, ends are recorded later, and it heals by itself", async () => {
    await using rig = Rig.prepare(polling);
    await rig.boot(smallDisk(rig.stateDir, 4));
    const ends = await rig.hold("ends");
    const cancelled = await rig.stage("ignore-sigterm");
    await Promise.all([rig.says(ends, "holding"), rig.says(cancelled, "deaf")]);
    const makeRoom = fillUp(rig, rig.stateDir);

    const refused = await rig.refusal("run.submit", submit);
    expect(refused).toMatchObject({ reason: "storage-full", retryable: true });
    expect(refused.remedy).toMatch(/free some room/);
    const { health } = await rig.call("daemon.status", {});
    expect(health).toMatchObject([{ part: "storage" }]);
    expect(await rig.call("run.get", { run: ends })).toMatchObject({ state: "running" });
    expect((await rig.call("run.list", {})).runs).toHaveLength(2);
    expect(await rig.output(cancelled)).toBe("deaf\n");
    const answer = await rig.call("run.cancel", {
      runs: [cancelled],
      reason: "no room",
      now: true,
    });
    expect(answer.stopping).toStrictEqual([cancelled]);
    rig.release("ends");
    // Both have ended; nobody can write that down yet, and nobody may be told before.
    const waited = await rig.call("run.wait", { runs: [ends, cancelled], waitMs: 1500 });
    expect(waited.done).toBe(false);

    makeRoom();
    expect(await rig.finished(ends)).toMatchObject({ state: "succeeded", attempts: 1 });
    expect(await rig.finished(cancelled)).toMatchObject({ state: "cancelled", attempts: 1 });
    const later = await rig.submit(["true"]);
    expect(await rig.finished(later)).toMatchObject({ state: "succeeded" });
    expect((await rig.call("daemon.status", {})).health).toStrictEqual([]);
  }, 30_000);

  test("under the runs' directories alone: nothing is started until there is room, and the daemon lives", async () => {
    await using rig = Rig.prepare(polling);
    const runs = path.join(rig.stateDir, "runs");
    await rig.boot(smallDisk(runs, 1));
    const makeRoom = fillUp(rig, runs);
    const id = await rig.submit(["true"]);
    // Whether or not its start was tried once: the disk was looked at a moment before.
    const waits = async () => (await rig.call("run.get", { run: id })).steps[0]?.wait;
    await expect.poll(waits, { timeout: 30_000 }).toMatchObject({ reason: "disk-low" });
    const wait = await waits();
    expect(wait?.message).toMatch(/^the disk of .* has .* free, and below .* nothing new starts$/);
    expect(wait?.unblocks).toMatch(/blutctl gc --dry-run/);
    expect((await rig.call("daemon.status", {})).health).toMatchObject([
      { part: "storage", problem: wait?.message },
    ]);
    await rig.event("disk.low");
    makeRoom();
    expect(await rig.finished(id)).toMatchObject({ state: "succeeded" });
    await rig.event("disk.enough");
    expect((await rig.call("daemon.status", {})).health).toStrictEqual([]);
  }, 60_000);

  test("under the runs' directories: their files are made up for when there is room", async () => {
    await using rig = Rig.prepare(polling);
    const runs = path.join(rig.stateDir, "runs");
    await rig.boot(smallDisk(runs, 4));
    const first = await rig.hold("first");
    // Its files are there once it speaks: a shim that finds no room for them could not start it.
    await rig.says(first, "holding");
    const makeRoom = fillUp(rig, runs);
    const id = await rig.submit(["true"], { needs: [first] });
    const isRefused = (line: LogLine): boolean => line["why"] === "ENOSPC";
    await vi.waitUntil(() => rig.log.some(isRefused), 20_000);
    makeRoom();
    rig.release("first");
    expect(await rig.finished(id)).toMatchObject({ state: "succeeded" });
    const { events } = await rig.call("events.list", { limit: 1000 });
    const told = events.filter(({ runId }) => runId === id);
    const file = `/proc/${String(rig.pid)}/root${path.join(runs, id, "status.jsonl")}`;
    const mirrored = (): string[] =>
      existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
    await vi.waitUntil(() => mirrored().length === told.length, 20_000);
    expect(mirrored().map((line) => JSON.parse(line) as unknown)).toEqual(told);
  }, 40_000);

  test("when it is started is told with what to do, exit 74", async () => {
    await using rig = Rig.prepare(polling);
    const { wrapper = [] } = smallDisk(rig.stateDir, 1);
    const fill = 'dd if=/dev/zero of="$0/ballast" bs=4k 2>/dev/null; exec "$@"';
    const code = await rig.launch({ wrapper: [...wrapper, "sh", "-c", fill, rig.stateDir] });
    expect(code).toBe(74);
    expect(rig.log.map(({ msg }) => msg).join("\n")).toMatch(/full.*\nremedy: .*room/);
  });
});

describe("fault 8: a failed fsync", () => {
  test("is not acknowledged, ends the daemon with 74, and work goes on to the next one", async () => {
    await using rig = await Rig.start(polling);
    const running = await rig.submit(ledgerStage(rig, 0.5, 0));
    await rig.event("attempt.started", running);
    const letGo = await injectInto(rig.pid, "fsync", "error=EIO:when=1");
    const answer = await rig.connection.call("run.submit", submit);
    expect(answer).toMatchObject({ ok: false });
    expect(await rig.ended()).toBe(74);
    await letGo();
    await rig.boot();
    expect(await rig.finished(running)).toMatchObject({ state: "succeeded", attempts: 1 });
    await rig.call("run.wait", { runs: ["all"], waitMs: 10_000 });
    await rig.end("SIGTERM");
    expectIntact(rig);
  });
});

describe("a database that is not for this daemon", () => {
  test("fault 10: of a newer version is refused with both versions, exit 78, and left as it is", async () => {
    await using rig = await Rig.start(polling);
    await rig.end("SIGTERM");
    const database = new Database(rig.database);
    const version = Number(database.pragma("user_version", { simple: true }));
    database.pragma("user_version = 900");
    database.close();
    const before = readFileSync(rig.database);
    expect(await rig.launch()).toBe(78);
    const said = rig.log.map(({ msg }) => msg).join("\n");
    expect(said).toMatch(/900/);
    expect(said).toContain(String(version));
    expect(said).toMatch(/remedy: /);
    expect(readFileSync(rig.database).equals(before)).toBe(true);
  });

  test("fault 9: damaged is refused with how to repair it, exit 74, and work that runs goes on", async () => {
    await using rig = await Rig.start(polling);
    const id = await rig.submit(ledgerStage(rig, 0.5, 0));
    await rig.event("attempt.started", id);
    const { directory } = (await rig.call("run.get", { run: id })).history[0] ?? { directory: "" };
    await rig.end("SIGTERM");
    const whole = readFileSync(rig.database);
    writeFileSync(rig.database, Buffer.concat([Buffer.alloc(100), whole.subarray(100)]));
    expect(await rig.launch()).toBe(74);
    expect(rig.log.map(({ msg }) => msg).join("\n")).toMatch(/cannot be trusted[^]*\.recover/);
    expect(existsSync(path.join(directory, "process.json"))).toBe(true);
    writeFileSync(rig.database, whole);
    await rig.boot();
    expect(await rig.finished(id)).toMatchObject({ state: "succeeded", attempts: 1 });
  });
});
