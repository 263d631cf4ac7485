import { execFileSync } from "node:child_process";
import { linkSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { readHole, readLogPage } from "../../../../daemon/base/logs/log-file.ts";

function logWith(text: string | Uint8Array): string {
  const directory = mkdtempSync(join(tmpdir(), "blut-log-"));
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const path = join(directory, "stdout.log");
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function recordHole(path: string, hole: object): void {
  writeFileSync(path.replace(".log", ".hole"), `${JSON.stringify(hole)}\n`);
}

async function read(path: string, offset: number, limit = 1000): Promise<unknown> {
  const page = await readLogPage(path, offset, limit);
  if (page === undefined) return undefined;
  const { bytes, ...rest } = page;
  return { text: Buffer.from(bytes).toString("latin1"), ...rest };
}

const plain = { droppedBytes: 0, isAtEnd: true };

describe("a page of a log", () => {
  it.each([
    ["from the start", 0, { text: "0123456789", offset: 0, next: 10 }],
    ["from the middle", 7, { text: "789", offset: 7, next: 10 }],
    ["from the end backwards", -3, { text: "789", offset: 7, next: 10 }],
    ["from before the start", -99, { text: "0123456789", offset: 0, next: 10 }],
    ["from the very end", 10, { text: "", offset: 10, next: 10 }],
    ["from past the end", 99, { text: "", offset: 10, next: 10 }],
    ["from far past the end", Number.MAX_SAFE_INTEGER, { text: "", offset: 10, next: 10 }],
  ])("%s", async (_where, offset, expected) => {
    expect(await read(logWith("0123456789"), offset)).toEqual({ ...expected, ...plain });
  });

  it("is no longer than asked, and may cut a character in two", async () => {
    const path = logWith(Buffer.from("aé", "utf8"));
    const bytes = { text: "a\xc3", offset: 0, next: 2, droppedBytes: 0, isAtEnd: false };
    expect(await read(path, 0, 2)).toEqual(bytes);
  });

  it("stops before a hole, and the next one starts behind it and counts it", async () => {
    const path = logWith(`head${"\0".repeat(6)}tail`);
    recordHole(path, { atBytes: 4, skipBytes: 6, droppedBytes: 6 });
    const head = { text: "head", offset: 0, next: 4, droppedBytes: 0, isAtEnd: false };
    expect(await read(path, 0)).toEqual(head);
    const tail = { text: "tail", offset: 10, next: 14, isAtEnd: true };
    expect(await read(path, 4)).toEqual({ ...tail, droppedBytes: 6 });
    expect(await read(path, 7)).toEqual({ ...tail, droppedBytes: 3 });
    expect(await read(path, 10)).toEqual({ ...tail, droppedBytes: 0 });
    expect(await read(path, -4)).toEqual({ ...tail, droppedBytes: 0 });
    expect(await read(path, -5)).toEqual({ ...tail, droppedBytes: 1 });
  });

  it("counts what was cut off and written anew where the file system knows no holes", async () => {
    const path = logWith("headtail");
    recordHole(path, { atBytes: 4, skipBytes: 0, droppedBytes: 500 });
    const tail = { text: "tail", offset: 4, next: 8, isAtEnd: true };
    expect(await read(path, 4)).toEqual({ ...tail, droppedBytes: 500 });
    truncateSync(path, 6);
    expect(await read(path, 4)).toMatchObject({ text: "ta", next: 6 });
  });

  it("does not believe a hole record that makes no sense", async () => {
    const path = logWith("text");
    for (const hole of [{}, { atBytes: -1 }, { atBytes: 1e300, skipBytes: 1, droppedBytes: 1 }]) {
      recordHole(path, hole);
      expect(await readHole(path)).toBeUndefined();
      expect(await read(path, 0)).toMatchObject({ text: "text" });
    }
  });
});

describe("fault 26: a log that the work has replaced", () => {
  it.each([
    [
      "a symlink",
      (path: string) => {
        symlinkSync("/etc/hostname", path);
      },
    ],
    [
      "a second name of another file",
      (path: string) => {
        const secret = `${path}.secret`;
        writeFileSync(secret, "secret", { mode: 0o600 });
        linkSync(secret, path);
      },
    ],
    [
      "a FIFO",
      (path: string) => {
        execFileSync("mkfifo", [path]);
      },
    ],
    ["nothing", () => undefined],
  ])("by %s is not read", async (_what, replace) => {
    const path = logWith("mine");
    rmSync(path);
    replace(path);
    expect(await read(path, 0)).toBeUndefined();
  });
});
