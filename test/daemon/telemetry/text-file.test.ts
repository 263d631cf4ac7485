import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Clock } from "../../../daemon/base/clock.ts";
import { EventLog } from "../../../daemon/events/event-log.ts";
import { TextFile } from "../../../daemon/telemetry/text-file.ts";
import { keep } from "../store/support/rows.ts";
import { openStore } from "../store/support/scratch.ts";

/** What was asked for wakes when the test says so. */
class HandClock implements Clock {
  readonly wakes: { readonly ms: number; readonly callback: () => void }[] = [];

  now(): number {
    return 0;
  }

  monotonic(): number {
    return 0;
  }

  after(ms: number, callback: () => void): () => void {
    this.wakes.push({ ms, callback });
    return () => undefined;
  }

  wake(): void {
    this.wakes.shift()?.callback();
  }
}

function begun(place: string, isBusy: () => boolean = () => false) {
  const directory = mkdtempSync(path.join(tmpdir(), "blut-textfile-"));
  const store = openStore();
  const clock = new HandClock();
  const events = new EventLog(store, clock, { keep: 1000 });
  const file = path.join(directory, place);
  let text = "first\n";
  const warned: string[] = [];
  const textFile = new TextFile({
    ...{ path: file, events, clock, isBusy, text: () => Promise.resolve(text) },
    warn: (why) => warned.push(why),
  });
  textFile.start();
  onTestFinished(async () => {
    await textFile.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    ...{ directory, file, clock, warned },
    say: (next: string) => (text = next),
    happen: (next: string) => {
      text = next;
      return keep(store, () => {
        events.append("run.queued");
      });
    },
    read: () => readFileSync(file, { encoding: "utf8", flag: "a+" }),
  };
}

test("is written at the start and after something happened, whole, and readable for all", async () => {
  const { directory, file, clock, happen, read } = begun("blut.prom");
  const umask = process.umask(0o077);
  onTestFinished(() => void process.umask(umask));
  clock.wake();
  await expect.poll(() => readdirSync(directory)).toEqual(["blut.prom"]);
  expect(read()).toBe("first\n");
  expect(statSync(file).mode & 0o777).toBe(0o644);
  expect(clock.wakes).toEqual([]);
  await happen("second\n");
  await happen("third\n");
  expect(clock.wakes.map(({ ms }) => ms)).toEqual([15_000]);
  clock.wake();
  await expect.poll(read).toBe("third\n");
  expect(readdirSync(directory)).toEqual(["blut.prom"]);
});

test("is written again and again while something runs, and then no more", async () => {
  let isBusy = true;
  const { clock, say, read } = begun("blut.prom", () => isBusy);
  clock.wake();
  await expect.poll(read).toBe("first\n");
  await expect.poll(() => clock.wakes.length).toBe(1);
  isBusy = false;
  say("last\n");
  clock.wake();
  await expect.poll(read).toBe("last\n");
  await new Promise(setImmediate);
  expect(clock.wakes).toEqual([]);
});

test("a place that cannot be written to is told of once, and tried again", async () => {
  const { directory, clock, warned, happen, read } = begun("sub/blut.prom");
  clock.wake();
  await expect.poll(() => warned.length).toBe(1);
  expect(warned[0]).toContain("ENOENT");
  await happen("second\n");
  clock.wake();
  await happen("third\n");
  mkdirSync(path.join(directory, "sub"));
  clock.wake();
  await expect.poll(read).toBe("third\n");
  expect(warned).toHaveLength(1);
});
