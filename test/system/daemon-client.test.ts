import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stages, type Rig } from "../support/rig.ts";
import { blutctl, socketsOf, type Ran, type Running } from "./support/blutctl.ts";
import { sweep, systemdRig } from "./support/user-systemd.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await systemdRig({ env: { BLUT_GRACE: "10m" } });
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await sweep();
});

const stage = (name: string): string => path.join(stages, name);
const run = (...args: string[]): Promise<Ran> => blutctl(rig, ...args).ended;

/** Submits as a person would and answers the id that was printed. */
async function submitted(...args: string[]): Promise<string> {
  const { code, stdout } = await run("submit", ...args);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^run_[0-9a-z]{12}\n$/);
  return stdout.trim();
}

/** A `blutctl wait` that says nothing, but has found the daemon: a third socket, beside its two outputs. */
async function waitingFor(id: string): Promise<Running> {
  const waiting = blutctl(rig, "wait", id);
  const { pid = 0 } = waiting.process;
  await expect.poll(() => socketsOf(pid), { timeout: 20_000 }).toBeGreaterThan(2);
  await rig.call("daemon.status", {});
  return waiting;
}

describe("blutctl, the daemon and systemd together", () => {
  test("submit prints the id and nothing else; wait and log tell the rest", async () => {
    const id = await submitted("--", stage("exit-code"), "7", "hello", "there");
    expect(await run("wait", id)).toMatchObject({ code: 7 });
    expect(await run("log", id)).toMatchObject({ code: 0, stdout: "hello there\n" });
    const shown = await run("show", id, "--json");
    expect(JSON.parse(shown.stdout)).toMatchObject({ id, exitCode: 7, containment: "systemd" });
    expect((await run("explain", id)).code).toBe(0);
  });

  test("log -f follows a run from its queue to its end", async () => {
    await run("pause", "--reason", "a test");
    const told = path.join(rig.directory, "release-follow");
    const id = await submitted("--", stage("hold-until-told"), told);
    const follower = blutctl(rig, "log", "-f", id);
    await run("resume");
    await follower.saying("holding");
    rig.release("follow");
    expect(await follower.ended).toMatchObject({ code: 0, stdout: "holding\n" });
  });

  test("run exits as the command did, its output on the same streams", async () => {
    const script = "echo out; echo err >&2; exit 42";
    const ran = await run("run", "--", "sh", "-c", script);
    expect(ran).toMatchObject({ code: 42, stdout: "out\n" });
    expect(ran.stderr).toContain("err\n");
  });

  test("run is given its own environment and directory, not the daemon's", async () => {
    const ran = await run("run", "--", "sh", "-c", "pwd; echo $BLUT_GRACE");
    expect(ran).toMatchObject({ code: 0, stdout: `${rig.directory}\n\n` });
  });

  test("Ctrl-C in run cancels it: 122 once the command has had its say", async () => {
    const script = "trap 'echo saved; exit 0' TERM; echo up; while :; do sleep 0.05; done";
    const running = blutctl(rig, "run", "--", "sh", "-c", script);
    await running.saying("up");
    running.process.kill("SIGINT");
    expect(await running.ended).toMatchObject({ code: 122, stdout: "up\nsaved\n" });
  });

  test("a second Ctrl-C kills it at once, without its grace", async () => {
    const running = blutctl(rig, "run", "--", stage("ignore-sigterm"));
    await running.saying("deaf");
    running.process.kill("SIGINT");
    await running.saying("cancelling");
    running.process.kill("SIGINT");
    expect(await running.ended).toMatchObject({ code: 122, stdout: "deaf\n" });
  });

  test("Ctrl-C in wait stops the looking and leaves the run alone", async () => {
    const id = await rig.hold("looked-at");
    await rig.says(id, "holding");
    const waiting = await waitingFor(id);
    waiting.process.kill("SIGINT");
    expect(await waiting.ended).toMatchObject({ code: 130 });
    rig.release("looked-at");
    expect(await rig.finished(id)).toMatchObject({ state: "succeeded" });
  });

  test("cancel, and what wait says of it", async () => {
    const id = await submitted("--", "sleep", "1000");
    await rig.event("attempt.started", id);
    expect((await run("cancel", id)).code).toBe(0);
    expect(await run("wait", id)).toMatchObject({ code: 122 });
  });

  test("exit codes: no such run 119, can never fit 126, no such program and wrong usage 2", async () => {
    expect(await run("wait", "run_000000000000")).toMatchObject({ code: 119, stdout: "" });
    const huge = await run("submit", "--mem", "900G", "--", "true");
    expect(huge).toMatchObject({ code: 126, stdout: "" });
    expect(huge.stderr).toMatch(/900 GiB.*800 MiB/s);
    const missing = await run("submit", "--", "no-such-program-anywhere");
    expect(missing).toMatchObject({ code: 2, stdout: "" });
    expect(missing.stderr).toContain("no-such-program-anywhere");
    const misspelt = await run("submit", "--priorty", "3", "--", "true");
    expect(misspelt).toMatchObject({ code: 2 });
    expect(misspelt.stderr).toContain("--priority");
  });

  test("follows a run through the death of the daemon and tells its true end", async () => {
    const id = await rig.hold("through");
    const follower = blutctl(rig, "log", "-f", id);
    await follower.saying("holding");
    const waiting = await waitingFor(id);
    await rig.crash();
    rig.release("through");
    expect(await waiting.ended).toMatchObject({ code: 0 });
    expect(await follower.ended).toMatchObject({ code: 0, stdout: "holding\n" });
  });

  test("without a daemon it says so: 125", async () => {
    await rig.end("SIGTERM");
    expect(await run("runs")).toMatchObject({ code: 125, stdout: "" });
    await rig.boot();
  });
});
