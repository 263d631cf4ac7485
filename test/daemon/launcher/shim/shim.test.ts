import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  watch,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AttemptId } from "../../../../daemon/domain/ids.ts";
import { gateText } from "../../../../daemon/launcher/shim/gate.ts";

const shimFile = fileURLToPath(
  new URL("../../../../daemon/launcher/shim/shim.sh", import.meta.url),
);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "shim-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function place(name: string): string {
  return path.join(directory, name);
}

function ordersFor(command: readonly string[], environment: Record<string, string> = {}): string {
  const [program = "", ...more] = command;
  return gateText({
    attemptId: "att_x" as AttemptId,
    ...{ directory, cwd: "/", argv: [program, ...more] },
    environment: { PATH: "/usr/bin:/bin", ...environment },
    logs: { stdout: place("stdout.log"), stderr: place("stderr.log") },
  }).text;
}

/** What the gate is opened with once the orders are written. */
function opening(orders: string): string {
  writeFileSync(place("orders"), orders);
  return `${place("orders")}\n`;
}

interface Ran {
  readonly status: number | null;
  readonly output: string | undefined;
  readonly log: string | undefined;
  readonly record: unknown;
  readonly started: boolean;
}

describe.each([["dash"], ["bash", "--posix"]])("the shim in %s", (...shell) => {
  const [program = "", ...options] = shell;

  function start() {
    const extra = ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe"] as const;
    const args = [...options, shimFile];
    const child = spawn(program, args, { env: {}, detached: true, stdio: [...extra] });
    const ended = once(child, "close").then(([status]): Ran => {
      const record: unknown =
        existsSync(place("result.json")) && JSON.parse(readFileSync(place("result.json"), "utf8"));
      const started = existsSync(place("started"));
      const [output, log] = ["stdout.log", "stderr.log"].map((name) =>
        existsSync(place(name)) ? readFileSync(place(name), "utf8") : "",
      );
      return { status: status as number | null, output, log, record, started };
    });
    return { child, gate: child.stdio[3] as Writable, ended };
  }

  async function run(...command: string[]): Promise<Ran> {
    const { gate, ended } = start();
    gate.end(opening(ordersFor(command)));
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
    const { gate, ended } = start();
    gate.end();
    expect(await ended).toMatchObject({ output: "", started: false, record: false });
  });

  test("fault 3: a gate that closes half open means the command never ran", async () => {
    const { gate, ended } = start();
    gate.end(opening(ordersFor(["sh", "-c", "echo ran"])).slice(0, -1));
    expect(await ended).toMatchObject({ output: "", started: false, record: false });
  });

  test.each(["nothing", "a part"])("fault 3: orders with %s in them never run", async (left) => {
    const { gate, ended } = start();
    const orders = ordersFor(["sh", "-c", "echo ran"]);
    gate.end(opening(left === "nothing" ? "" : orders.slice(0, -3)));
    expect(await ended).toMatchObject({ output: "", started: false, record: false });
  });

  test("a link in the place of its record is left alone", async () => {
    symlinkSync(place("precious"), place("result.json"));
    const { gate, ended } = start();
    gate.end(opening(ordersFor(["true"])));
    expect((await ended).status).toBe(0);
    expect(existsSync(place("precious"))).toBe(false);
  });

  test.each(["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const)(
    "survives %s to its whole session and still records how the command took it",
    async (signal) => {
      const command = `trap 'exit 9' ${signal.slice(3)}; echo up; while :; do sleep 0.05; done`;
      const { child, gate, ended } = start();
      if (child.pid === undefined) throw new Error("no child");
      writeFileSync(place("stdout.log"), "");
      const watcher = watch(place("stdout.log"));
      const up = once(watcher, "change");
      gate.end(opening(ordersFor(["sh", "-c", command])));
      await up;
      watcher.close();
      process.kill(-child.pid, signal);
      const told = signal === "SIGTERM" && { told: true };
      const record = { kind: "exited", status: 9, ...told, attempt: "att_x" };
      expect((await ended).record).toEqual(record);
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
    // Tested one by one by the shell itself: a listing or a pipe would open files of its own.
    const look = "for n in 0 1 2 3 4 5 6 7 8 9; do [ ! -e /proc/$$/fd/$n ] || echo $n; done";
    const { output } = await run("sh", "-c", look);
    expect(output).toBe("0\n1\n2\n");
  });

  test("a program that is not there is known by its record, and the log names it", async () => {
    const { record, log } = await run("no-such-program-of-ours");
    expect(record).toMatchObject({ kind: "could-not-start", why: "there is no such program" });
    expect(log).toContain("no-such-program-of-ours");
  });

  test("a name of the shim's own in the environment moves nothing", async () => {
    const { gate, ended } = start();
    gate.end(opening(ordersFor(["sh", "-c", "exit 4"], { blut__directory: "/nowhere" })));
    expect((await ended).record).toMatchObject({ status: 4 });
  });
});
