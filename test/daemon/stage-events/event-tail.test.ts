import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  linkSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock, type Clock } from "../../../daemon/base/clock.ts";
import { EventTail, type TailListener } from "../../../daemon/stage-events/event-tail.ts";

/** Without the slow net under the kernel's signals: what is heard was told by them. */
const noNet: Clock = {
  ...systemClock,
  after: (ms, callback) => (ms >= 5_000 ? () => undefined : systemClock.after(ms, callback)),
};

/** Writes down what it hears, and tells when there is so much of it. */
class Listener implements TailListener {
  readonly heard: string[] = [];
  #wanted = Infinity;
  #resolve: (() => void) | undefined;

  line(line: Buffer): void {
    this.#note(line.toString());
  }
  lastLine(line: Buffer): void {
    this.#note(`last ${line.toString()}`);
  }
  fileProblem(problem: string): void {
    this.#note(`! ${problem}`);
  }
  caughtUp(): void {
    // What it heard is enough.
  }

  /** Resolves when so many things have been heard. */
  hears(count: number): Promise<void> {
    if (this.heard.length >= count) return Promise.resolve();
    this.#wanted = count;
    return new Promise((resolve) => (this.#resolve = resolve));
  }

  #note(what: string): void {
    this.heard.push(what);
    if (this.heard.length >= this.#wanted) this.#resolve?.();
  }
}

describe("the event file of a stage", () => {
  let directory: string;
  let file: string;
  let listener: Listener;
  let tail: EventTail;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "tail-"));
    file = path.join(directory, "events.jsonl");
    writeFileSync(file, "");
    listener = new Listener();
    tail = new EventTail(file, noNet, listener);
  });
  afterEach(() => {
    tail.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it("wakes us when it grows, again and again", async () => {
    tail.start();
    for (let n = 1; n <= 5; n++) {
      appendFileSync(file, `line ${n}\n`);
      await listener.hears(n);
    }
    expect(listener.heard).toEqual([1, 2, 3, 4, 5].map((n) => `line ${n}`));
  });

  it("is read from its beginning, and to its end before it is closed", async () => {
    const lines = Array.from({ length: 100_000 }, (_, n) => `{"type":"heartbeat","n":${n}}`);
    writeFileSync(file, lines.join("\n"));
    tail.start();
    await tail.drain();
    expect(listener.heard).toHaveLength(100_000);
    expect(listener.heard.slice(0, -1)).toEqual(lines.slice(0, -1));
    expect(listener.heard.at(-1)).toBe(`last ${lines.at(-1)}`);
    appendFileSync(file, "\nlate\n");
    expect(tail.look()).toBe(false);
  });

  it("tells at once what nobody has read yet", () => {
    tail.start();
    expect(tail.look()).toBe(false);
    appendFileSync(file, "news\n");
    expect(tail.look()).toBe(true);
    expect(tail.look()).toBe(false);
  });

  it("is begun again when it was cut, and what was half there is forgotten", async () => {
    tail.start();
    appendFileSync(file, "first\nsecond, which is lo");
    await listener.hears(1);
    truncateSync(file);
    appendFileSync(file, "new\n");
    await listener.hears(3);
    await tail.drain();
    expect(listener.heard).toEqual(["first", "! truncated", "new"]);
  });

  it.each(["a link", "a FIFO", "another file", "nothing"])(
    "security: is never followed to %s that the stage put in its place",
    async (what) => {
      const secret = path.join(directory, "secret");
      writeFileSync(secret, "secret\n");
      tail.start();
      appendFileSync(file, "mine\n");
      await listener.hears(1);
      unlinkSync(file);
      if (what === "a link") symlinkSync(secret, file);
      if (what === "a FIFO") spawnSync("mkfifo", [file]);
      if (what === "another file") renameSync(secret, file);
      await listener.hears(2);
      await tail.drain();
      expect(listener.heard).toEqual(["mine", "! replaced"]);
    },
  );

  it.each(["a link", "a FIFO", "a second name of another file"])(
    "security: is not opened where it is %s",
    async (what) => {
      const secret = path.join(directory, "secret");
      writeFileSync(secret, "secret\n");
      unlinkSync(file);
      if (what === "a link") symlinkSync(secret, file);
      if (what === "a FIFO") spawnSync("mkfifo", [file]);
      if (what.startsWith("a second")) linkSync(secret, file);
      tail.start();
      await tail.drain();
      expect(listener.heard).toEqual(["! not-a-file"]);
    },
  );

  it("may be missing: its attempt never came so far", async () => {
    unlinkSync(file);
    tail.start();
    await tail.drain();
    expect(listener.heard).toEqual([]);
  });
});
