import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../../daemon/base/clock.ts";
import { Courier } from "../../../../daemon/notify/courier.ts";
import { CommandWay } from "../../../../daemon/notify/ways/command-way.ts";
import type { Sent } from "../../../../daemon/notify/ways/way.ts";
import { aMessage, hooks, isAlive, scratch } from "../support.ts";

function send(argv: readonly [string, ...string[]], timeoutMs = 20_000): Promise<Sent> {
  const env = { PATH: process.env["PATH"], SECRET: "not for hooks" };
  const way = new CommandWay({ argv, timeoutMs, clock: systemClock, env });
  return way.send(aMessage(), new AbortController().signal);
}

const sh = (script: string): [string, ...string[]] => ["sh", "-c", script];

describe("a program that is told", () => {
  test("gets the notice as JSON, a clean environment, and comes last", async () => {
    const directory = scratch();
    const [notices, facts] = [path.join(directory, "notices"), path.join(directory, "facts")];
    expect(await send([path.join(hooks, "keep-notice"), notices, facts])).toEqual({
      result: "sent",
    });
    const message = aMessage();
    expect(JSON.parse(readFileSync(notices, "utf8"))).toEqual(JSON.parse(message.body));
    const told = readFileSync(facts, "utf8").split("\n");
    expect(told).toEqual(expect.arrayContaining(["nice=19", "oom=1000", "cwd=/"]));
    expect(told).toContain(`BLUT_NOTICE_ID=${message.id}`);
    expect(told).toContain("BLUT_NOTICE_KIND=test");
    expect(told).toContain(`BLUT_NOTICE_TITLE=${message.title}`);
    expect(told.join("\n")).not.toContain("SECRET");
  });

  test("that fails is told of with the first line it said, and not tried again", async () => {
    expect(await send(sh("echo; echo no route >&2; echo more >&2; exit 1"))).toEqual({
      result: "failed",
      because: "it exited with 1: no route",
      mayPass: false,
    });
    expect(await send(sh("kill -SEGV $$"))).toMatchObject({ because: "SIGSEGV ended it" });
  });

  test("may ask to be tried again, as sysexits has it", async () => {
    expect(await send(sh("exit 75"))).toMatchObject({ result: "failed", mayPass: true });
  });

  test("that is not there is named", async () => {
    const sent = await send(["/nowhere/tell"]);
    expect(sent).toMatchObject({ result: "failed", mayPass: false });
    expect(sent).toHaveProperty(
      "because",
      expect.stringContaining("/nowhere/tell could not be started"),
    );
  });

  test("that cannot be started for want of descriptors is told again", () => {
    const program = path.join(import.meta.dirname, "tell-without-descriptors.ts");
    const words = ["--nofile=60", process.execPath, program];
    const said = execFileSync("prlimit", words, { encoding: "utf8" });
    expect(JSON.parse(said)).toEqual({
      result: "failed",
      because: expect.stringMatching(/could not be started: spawn .* EMFILE/) as string,
      mayPass: true,
    });
  });

  test("that hangs and does not heed SIGTERM is killed with all of its group", async () => {
    const pids = path.join(scratch(), "pids");
    const sent = await send([path.join(hooks, "hang"), pids], 1500);
    expect(sent).toEqual({ result: "failed", because: "it took longer than 1.5 s", mayPass: true });
    const both = readFileSync(pids, "utf8").trim().split(" ").map(Number);
    expect(both).toHaveLength(2);
    await expect.poll(() => both.filter(isAlive)).toEqual([]);
  });

  test("that leaves a child behind is done when it ends, and the child goes with it", async () => {
    const file = path.join(scratch(), "pid");
    expect(await send([path.join(hooks, "leave-child"), file])).toEqual({ result: "sent" });
    const pid = Number(readFileSync(file, "utf8"));
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  test("may say as much as it likes: only the beginning is kept", async () => {
    const sent = await send(sh("head -c 10000000 /dev/zero | tr '\\0' x; exit 4"));
    expect(sent).toMatchObject({ result: "failed" });
    expect(sent).toHaveProperty("because", `it exited with 4: ${"x".repeat(200)}`);
  });

  test("that reads nothing does not hold us up", async () => {
    expect(await send(["true"])).toEqual({ result: "sent" });
  });

  test("is not started by a daemon that stops", async () => {
    const file = path.join(scratch(), "told");
    const parts = { timeoutMs: 20_000, clock: systemClock, env: process.env };
    const way = new CommandWay({ ...parts, argv: ["touch", file] });
    const courier = new Courier({ ways: () => [way], policy: { retries: 0 }, clock: systemClock });
    expect(await courier.deliver(aMessage(), AbortSignal.abort())).toBeUndefined();
    expect(existsSync(file)).toBe(false);
  });

  test("is killed when the daemon stops", async () => {
    const pids = path.join(scratch(), "pids");
    const stop = new AbortController();
    const argv = [path.join(hooks, "hang"), pids] as const;
    const way = new CommandWay({ argv, timeoutMs: 600_000, clock: systemClock, env: process.env });
    const sent = way.send(aMessage(), stop.signal);
    const read = (): string => readFileSync(pids, { encoding: "utf8", flag: "a+" });
    await expect.poll(read).not.toBe("");
    stop.abort();
    expect(await sent).toMatchObject({ result: "failed" });
    await expect.poll(() => read().trim().split(" ").map(Number).filter(isAlive)).toEqual([]);
  });
});
