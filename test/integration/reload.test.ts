import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ClientRig } from "../support/client-rig.ts";
import { Rig } from "../support/rig.ts";

let rig: Rig;
let file: string;

const settings = (text: string): void => {
  writeFileSync(file, text);
};

beforeEach(async () => {
  rig = Rig.prepare({ containment: "polling" });
  file = path.join(rig.directory, "blut.toml");
  settings('memory.budget = "64M"\nmemory.default = "32M"\nmemory.reserve = "64M"\n');
  await rig.boot({ flags: ["--config", file] });
});

afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

describe("fault 40: a configuration that changes while the daemon runs", () => {
  test("is in force at once, for what waits as well; work goes on", async () => {
    const running = await rig.hold("a", { memory: { firstBytes: 48 * 1024 ** 2 } });
    await rig.event("attempt.started", running);
    const waiting = await rig.hold("b", { memory: { firstBytes: 48 * 1024 ** 2 } });
    settings('memory.budget = "128M"\nmemory.default = "32M"\nmemory.reserve = "64M"\n');
    expect(await rig.call("daemon.reload", {})).toMatchObject({
      changed: ["memory.budget"],
      restart: [],
    });
    await rig.event("attempt.started", waiting);
    for (const name of ["a", "b"]) rig.release(name);
    for (const id of [running, waiting]) {
      expect(await rig.finished(id)).toMatchObject({ state: "succeeded", attempts: 1 });
    }
  });

  test("that waits for a restart comes with the command for the daemon that was asked", async () => {
    settings('memory.budget = "64M"\nmemory.reserve = "64M"\ngrace = "1s"\n');
    const client = new ClientRig();
    const reloaded = await client.run(["reload"], { BLUT_SOCKET: rig.socket });
    await client.close();
    const { restart } = await rig.call("daemon.status", {});
    expect(reloaded).toMatchObject({ code: 0, stderr: "" });
    expect(reloaded.stdout.trim().split(/\s+/).join(" ")).toBe(
      `In force now: memory.default. With the next start of blutd: grace. For that: ${restart}`,
    );
  });

  test("when it is broken changes nothing, says why, and `blutctl reload` fails", async () => {
    settings('memory.budget = "a lot"\n');
    const client = new ClientRig();
    const reloaded = await client.run(["reload"], { BLUT_SOCKET: rig.socket });
    await client.close();
    expect(reloaded.code).toBe(78);
    expect(reloaded.stderr).toContain(`${file}: memory.budget: "a lot", expected a size`);
    expect(reloaded.stderr).toContain("nothing was changed");
    const { memory } = await rig.call("daemon.status", {});
    expect(memory.budgetBytes).toBe(64 * 1024 ** 2);
    await expect.poll(() => rig.log.map(({ msg = "" }) => msg).join("\n")).toContain('"a lot"');
  });

  test("is read at SIGHUP as well, and what needs a restart is named", async () => {
    settings('memory.budget = "64M"\nmemory.reserve = "64M"\nlog.level = "debug"\ngrace = "1s"\n');
    process.kill(rig.pid, "SIGHUP");
    await expect
      .poll(() => rig.log.find(({ msg }) => msg === "the configuration was read again"))
      .toMatchObject({ changed: ["memory.default", "log.level"], restart: ["grace"] });
    await expect
      .poll(() => rig.log.map(({ msg }) => msg))
      .toContain("settings wait for a restart of blutd");
  });
});
