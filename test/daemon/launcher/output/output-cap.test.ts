import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Clock } from "../../../../daemon/base/clock.ts";
import { openOwnFileSync } from "../../../../daemon/base/own-file.ts";
import {
  attemptFiles,
  createLogs,
  type LogFds,
} from "../../../../daemon/launcher/attempt-files.ts";
import { OutputCap, punchHole } from "../../../../daemon/launcher/output/output-cap.ts";
import { readLogPage } from "../../../../daemon/base/logs/log-file.ts";
import { holeOf } from "../../../../daemon/launcher/output/output-hole.ts";

const policy = { headBytes: 8192, capBytes: 65_536 };
const kib = 1024;

/** Stands still until told; remembers how long the next timer was set for. */
class StoppedClock implements Clock {
  #nowMs = 0;
  #due: (() => void) | undefined;
  armedMs = 0;

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  after(ms: number, callback: () => void): () => void {
    this.armedMs = ms;
    this.#due = callback;
    return () => (this.#due = undefined);
  }

  fire(afterMs: number): void {
    this.#nowMs += afterMs;
    this.#due?.();
  }
}

let directory: string;
let logs: LogFds;
let clock: StoppedClock;
let cap: OutputCap;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "cap-"));
  logs = createLogs(directory);
  clock = new StoppedClock();
  cap = capOf(logs.stdout);
});
afterEach(async () => {
  await cap.stop();
  rmSync(directory, { recursive: true });
});

function capOf(fd: number, punch = punchHole): OutputCap {
  return new OutputCap({ clock, policy, directory, stream: "stdout", fd, punch });
}

/** `kib` KiB of lines of 16 bytes, numbered from `first`. */
function say(first: number, kibibytes: number): void {
  const lines = Array.from({ length: kibibytes * 64 }, (_, index) =>
    String(first + index).padStart(15, "0"),
  );
  writeSync(logs.stdout, `${lines.join("\n")}\n`);
}

function used(): number {
  return statSync(attemptFiles(directory).log("stdout")).blocks * 512;
}

describe("a capped log", () => {
  test("below its cap is whole", async () => {
    say(0, 60);
    await cap.stop();
    expect(holeOf(directory, "stdout")).toBeUndefined();
    expect(readFileSync(attemptFiles(directory).log("stdout")).length).toBe(60 * kib);
  });

  test("fault 24: keeps its head and its tail, at their own places, and gives the rest back", async () => {
    say(0, 512);
    await cap.stop();
    const hole = holeOf(directory, "stdout");
    if (hole === undefined) throw new Error("no hole");
    const bytes = readFileSync(attemptFiles(directory).log("stdout"));
    expect(bytes.length).toBe(512 * kib);
    expect(used()).toBeLessThanOrEqual(policy.headBytes + policy.capBytes + 8192);
    const end = hole.atBytes + hole.skipBytes;
    expect(hole.droppedBytes).toBe(hole.skipBytes);
    expect(Number(bytes.toString("latin1", hole.atBytes - 16, hole.atBytes))).toBe(
      hole.atBytes / 16 - 1,
    );
    expect(Number(bytes.toString("latin1", end, end + 16))).toBe(end / 16);
    const page = await readLogPage(attemptFiles(directory).log("stdout"), hole.atBytes, 16);
    expect(page).toMatchObject({ offset: end, droppedBytes: hole.droppedBytes });
    expect(bytes.subarray(hole.atBytes, end).every((byte) => byte === 0)).toBe(true);
  });

  test("goes on from the hole that an earlier daemon left", async () => {
    say(0, 256);
    const again = await reopened();
    say(256 * 64, 256);
    await again.stop();
    const hole = holeOf(directory, "stdout");
    expect(hole?.droppedBytes).toBe(512 * kib - policy.headBytes - policy.capBytes);
    expect(used()).toBeLessThanOrEqual(policy.headBytes + policy.capBytes + 8192);
  });

  test("is cut off behind its head where the file system knows no holes, and counts what is lost", async () => {
    await cap.stop();
    rmSync(attemptFiles(directory).log("stdout"));
    logs = createLogs(directory);
    const cutting = capOf(logs.stdout, () => Promise.resolve(false));
    const writer = openSync(attemptFiles(directory).log("stdout"), "a");
    say(0, 256);
    await cutting.stop();
    writeSync(writer, "after\n");
    closeSync(writer);
    const text = readFileSync(attemptFiles(directory).log("stdout"), "latin1");
    expect(text.length).toBe(policy.headBytes + "after\n".length);
    expect(text.endsWith("after\n")).toBe(true);
    const droppedBytes = 256 * kib - policy.headBytes;
    expect(holeOf(directory, "stdout")).toEqual({ atBytes: 8192, skipBytes: 0, droppedBytes });
  });

  test("is looked at once a second while it is quiet", async () => {
    clock.fire(20);
    await settled();
    expect(clock.armedMs).toBe(1000);
  });

  test("is looked at again before a quarter of its cap can have been written", async () => {
    say(0, 16);
    clock.fire(100);
    await settled();
    expect(clock.armedMs).toBe(100);
  });

  test("is never looked at more than fifty times a second", async () => {
    say(0, 512);
    clock.fire(1);
    await new Promise<void>((resolve) => {
      const wait = setInterval(() => {
        if (holeOf(directory, "stdout") === undefined) return;
        clearInterval(wait);
        resolve();
      }, 5);
    });
    await cap.stop();
    expect(clock.armedMs).toBe(20);
  });
});

/** Lets the look that was just fired come to its end: it has nothing to wait for but itself. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}

/** Stops the first cap and opens the log as an adopting daemon does. */
async function reopened(): Promise<OutputCap> {
  const flags = constants.O_WRONLY | constants.O_APPEND;
  const [mine, writers] = [0, 1].map(() =>
    openOwnFileSync(attemptFiles(directory).log("stdout"), flags),
  );
  if (mine === undefined || writers === undefined) throw new Error("the log is not ours");
  await cap.stop();
  logs = { ...logs, stdout: writers };
  return capOf(mine);
}
