import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { gateText } from "../../../../daemon/launcher/shim/gate.ts";

const shimFile = fileURLToPath(
  new URL("../../../../daemon/launcher/shim/shim.sh", import.meta.url),
);
const open = gateText({ PATH: "/usr/bin:/bin" }).text;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "shim-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

interface Ran {
  readonly status: number | null;
  readonly output: string;
  readonly log: string;
  readonly record: unknown;
  readonly started: boolean;
}

describe.each([["dash"], ["bash", "--posix"]])("the shim in %s", (...shell) => {
  const [program = "", ...options] = shell;

  function start(...command: string[]) {
    const args = [...options, shimFile, "att_x", directory, "/", ...command];
    const extra = ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe"] as const;
    const child = spawn(program, args, { env: {}, detached: true, stdio: [...extra] });
    const text = { output: "", log: "" };
    child.stdout?.on("data", (chunk: Buffer) => (text.output += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (text.log += chunk.toString()));
    const ended = once(child, "close").then(([status]): Ran => {
      const result = path.join(directory, "result.json");
      const record: unknown = existsSync(result) && JSON.parse(readFileSync(result, "utf8"));
      const started = existsSync(path.join(directory, "started"));
      return { status: status as number | null, ...text, record, started };
    });
    return { child, gate: child.stdio[3] as Writable, ended };
  }

  async function run(...command: string[]): Promise<Ran> {
    const { gate, ended } = start(...command);
    gate.end(open);
    return await ended;
  }

  test("records the status and exits with it", async () => {
    expect(await run("sh", "-c", "exit 42")).toMatchObject({
      status: 42,
      started: true,
      record: { kind: "exited", status: 42, attempt: "att_x" },
    });
  });

  test("fault 3: a gate that closes unopened means the command never ran", async () => {
    const { gate, ended } = start("sh", "-c", "echo ran");
    gate.end();
    expect(await ended).toMatchObject({ output: "", started: false, record: false });
  });

  test("fault 3: a gate that closes half open means the command never ran", async () => {
    const { gate, ended } = start("sh", "-c", "echo ran");
    gate.end(open.slice(0, -3));
    expect(await ended).toMatchObject({ output: "", started: false, record: false });
  });

  test.each(["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const)(
    "survives %s to its whole session and still records how the command took it",
    async (signal) => {
      const command = `trap 'exit 9' ${signal.slice(3)}; echo up; while :; do sleep 0.05; done`;
      const { child, gate, ended } = start("sh", "-c", command);
      gate.end(open);
      if (child.stdout === null || child.pid === undefined) throw new Error("no child");
      await once(child.stdout, "data");
      process.kill(-child.pid, signal);
      expect((await ended).record).toEqual({ kind: "exited", status: 9, attempt: "att_x" });
    },
  );

  test("the command takes signals by their defaults", async () => {
    const { record } = await run("sh", "-c", "kill -TERM $$; exit 0");
    expect(record).toMatchObject({ status: 128 + 15 });
  });

  test("keeps its own chatter out of the command's log", async () => {
    expect((await run("sh", "-c", "kill -SEGV $$")).log).toBe("");
  });

  test("security 8: files handed to the shim by accident do not reach the command", async () => {
    const { output } = await run("sh", "-c", "ls /proc/$$/fd | head -n 4");
    expect(output.trim().split("\n").slice(0, 3)).toEqual(["0", "1", "2"]);
    expect(output).not.toMatch(/^[3-9]$/m);
  });

  test("a program that is not there is known by its record, and the log names it", async () => {
    const { record, log } = await run("no-such-program-of-ours");
    expect(record).toMatchObject({ kind: "could-not-start", why: "there is no such program" });
    expect(log).toContain("no-such-program-of-ours");
  });

  test("a name of the shim's own in the environment moves nothing", async () => {
    const { gate, ended } = start("sh", "-c", "exit 4");
    gate.end(gateText({ PATH: "/usr/bin:/bin", blut__directory: "/nowhere" }).text);
    expect((await ended).record).toMatchObject({ status: 4 });
  });
});
