import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, test } from "vitest";
import { cacheDirectory } from "../../client/greeting.ts";
import { makeDirectory } from "../../daemon/base/make-directory.ts";
import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { ClientRig } from "../support/client-rig.ts";

let rig: ClientRig;
afterEach(() => rig.close());

const resumed = { "daemon.resume": () => ({ running: 0 }) };
const hello = (more: Partial<MethodResult<"daemon.hello">>) => () => ({
  version: "0.1.0",
  protocol: "1.0.0",
  restart: "systemctl --user restart blutd",
  ...more,
});

describe("a daemon of another build", () => {
  test("is told of on stderr, once a day, and the answer is as ever", async () => {
    rig = new ClientRig();
    const asked: unknown[] = [];
    await rig.daemon({
      ...resumed,
      "daemon.hello": (own) => {
        asked.push(own);
        return hello({ version: "7.0.0", commit: "f".repeat(40) })();
      },
    });
    const first = await rig.run(["resume", "--json"]);
    expect(JSON.parse(first.stdout)).toEqual({ running: 0 });
    expect(first.stderr).toMatch(/blutctl is 0\.1\.0 .*, blutd is 7\.0\.0 \(ffffffffffff\)\./);
    expect(asked).toMatchObject([{ version: "0.1.0" }]);
    expect((await rig.run(["resume", "--json"])).stderr).toBe("");
  });

  test("is told of again when it is yet another", async () => {
    rig = new ClientRig();
    let version = "7.0.0";
    await rig.daemon({ ...resumed, "daemon.hello": () => hello({ version })() });
    expect((await rig.run(["resume"])).stderr).toContain("7.0.0");
    version = "7.0.1";
    expect((await rig.run(["resume", "--quiet"])).stderr).toBe("");
    expect((await rig.run(["resume"])).stderr).toContain("7.0.1");
  });

  test("whose answer lacks what is shown is told of, and how to mend it, instead of a bug", async () => {
    rig = new ClientRig();
    const server = createServer((socket) => {
      createInterface({ input: socket }).on("line", (line) => {
        const { id, method } = JSON.parse(line) as { id: number; method: string };
        const result = method === "daemon.hello" ? hello({ version: "7.0.0" })() : {};
        socket.write(`${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);
      });
    });
    await new Promise<void>((resolve) => server.listen(rig.socket, resolve));
    const { code, stdout, stderr } = await rig.run(["status"]);
    server.close();
    expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
    expect(stderr).toContain("the daemon's answer is not one that blutctl understands");
    expect(stderr).toContain("use the blutctl that came with that blutd");
    expect(stderr).not.toContain("TypeError");
  });

  test("completes words without a sound", async () => {
    rig = new ClientRig();
    await rig.daemon({
      "daemon.hello": hello({ version: "7.0.0" }),
      "run.list": () => ({ runs: [], more: false }),
    });
    expect(await rig.run(["__complete", "show", ""])).toMatchObject({ code: 0, stderr: "" });
  });
});

test("a daemon that is older than its own files is told of with the way to start it anew", async () => {
  rig = new ClientRig();
  await rig.daemon({ ...resumed, "daemon.hello": hello({ onDisk: { version: "0.2.0" } }) });
  const { stderr } = await rig.run(["resume"]);
  expect(stderr).toContain("blutd still runs 0.1.0 (commit unknown), its files are 0.2.0");
  expect(stderr).toContain("systemctl --user restart blutd");
});

test("a daemon that knows no greeting does its work", async () => {
  rig = new ClientRig();
  await rig.daemon({
    ...resumed,
    "daemon.hello": () => ({
      reason: "invalid-request",
      message: "no such method",
      remedy: "",
      retryable: false,
    }),
  });
  expect(await rig.run(["resume"])).toMatchObject({ code: 0, stderr: "" });
});

test("--version needs no daemon and tells where the program comes from", async () => {
  rig = new ClientRig();
  const { code, stdout } = await rig.run(["--version"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^blutctl 0\.1\.0 \((commit unknown|[0-9a-f]{12}(, dirty)?)\)\n$/);
  const json = await rig.run(["--version", "--json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({ version: "0.1.0" });
});

test("without a home nothing is kept, by root neither", () => {
  expect(() => makeDirectory(cacheDirectory({ XDG_CACHE_HOME: "relative" }))).toThrow("ENOTDIR");
  expect(cacheDirectory({ HOME: "/home/me" })).toBe("/home/me/.cache/blut");
});
