import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeEach, afterEach, expect, test } from "vitest";
import type { Clock } from "../../../../daemon/base/clock.ts";
import { attemptFiles } from "../../../../daemon/launcher/attempt-files.ts";
import { AttemptOutput } from "../../../../daemon/launcher/output/attempt-output.ts";
import { ScopeAttempt, type ScopeParts } from "../../../../daemon/launcher/scope/scope-attempt.ts";
import { Bus } from "../../../../daemon/systemd/bus.ts";
import { Manager } from "../../../../daemon/systemd/manager.ts";
import { attemptIdOf, mib } from "../../../support/unit-rig.ts";

/** Stands still until told, and knows what it would call back. */
class HandClock implements Clock {
  readonly #timers = new Map<() => void, number>();
  #nowMs = 0;

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  get armed(): number {
    return this.#timers.size;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = (): void => {
      callback();
    };
    this.#timers.set(timer, this.#nowMs + ms);
    return () => this.#timers.delete(timer);
  }

  /** Lets so much time pass, in the order of what is due. */
  pass(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].sort(([, a], [, b]) => a - b);
      if (next === undefined || next[1] > untilMs) break;
      this.#timers.delete(next[0]);
      this.#nowMs = Math.max(this.#nowMs, next[1]);
      next[0]();
    }
    this.#nowMs = untilMs;
  }
}

let home: string;
let clock: HandClock;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), "scope-"));
  clock = new HandClock();
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

/** An attempt of an earlier daemon, its cgroup a folder of plain files, on a bus that is away. */
function adopted(more: Partial<ScopeParts> = {}): ScopeAttempt {
  const options = { callTimeoutMs: 100, reconnectMinMs: 100, reconnectMaxMs: 100 };
  const random = (): number => 0;
  const bus = new Bus({ address: "unix:path=/none", matchRules: [], clock, random, ...options });
  const directory = path.join(home, "attempt");
  return new ScopeAttempt({
    clock,
    manager: new Manager(bus, { clock, lostSignalNetMs: 1_000, jobTimeoutMs: 1_000 }),
    attemptId: attemptIdOf("scope"),
    directory,
    limitBytes: 64 * mib,
    scopeDirectory: path.join(home, "slice", "scope"),
    sliceDirectory: path.join(home, "slice"),
    output: AttemptOutput.reopen(clock, { headBytes: 1, capBytes: 1 }, directory),
    leftoverGraceMs: 500,
    ...more,
  });
}

test("an adopted attempt whose end a sample finds is looked at no more", async () => {
  mkdirSync(path.join(home, "attempt"));
  const record = { kind: "exited", status: 0, attempt: attemptIdOf("scope") };
  writeFileSync(attemptFiles(path.join(home, "attempt")).result, JSON.stringify(record));
  const attempt = adopted({ shimIdentity: { pid: 2 ** 22 - 1, startTicks: 1 } });
  const report = await attempt.ended;
  expect(report.record).toEqual({ kind: "exited", status: 0 });
  expect(clock.armed).toBe(0);
});

test("fault 7: what starves at its limit is ended, also where no verdict can be written", async () => {
  const slice = path.join(home, "slice");
  mkdirSync(path.join(slice, "scope"), { recursive: true });
  const say = (file: string, text: string): void => {
    writeFileSync(path.join(slice, file), text);
  };
  const kill = path.join(slice, "scope", "cgroup.kill");
  writeFileSync(kill, "");
  say("cgroup.events", "populated 1\n");
  say("memory.peak", String(64 * mib));
  const attempt = adopted();
  for (let second = 0; second < 10; second++) {
    say("memory.stat", `anon ${64 * mib}\nfile 0\nworkingset_refault_file ${second * 50_000}\n`);
    clock.pass(1_000);
  }
  expect(readFileSync(kill, "utf8")).toBe("1");
  say("cgroup.events", "populated 0\n");
  clock.pass(5_000);
  expect((await attempt.ended).killer).toBe("own-limit");
});
