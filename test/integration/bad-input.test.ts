import { mkdirSync, rmdirSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Rig } from "../support/rig.ts";

let rig: Rig;
let before: unknown;
const counts = async (): Promise<unknown> => (await rig.call("daemon.status", {})).counts;
beforeAll(async () => {
  rig = await Rig.start({
    containment: "polling",
    flags: ["--budget", "1G", "--cpus", "2", "--pools", "db=1"],
  });
});
beforeEach(async () => {
  before = await counts();
});
afterAll(() => rig[Symbol.asyncDispose]());

const fine = { argv: ["true"], cwd: "/", env: { PATH: "/usr/bin:/bin" } };

/** Sends parameters that no type would allow; answers the refusal. */
async function refused(params: object): Promise<{ reason: string; message: string }> {
  const answer = await rig.connection.callAny("run.submit", { ...fine, ...params });
  if (answer.ok) throw new Error(`taken: ${JSON.stringify(params).slice(0, 200)}`);
  expect(await counts(), "nothing is stored").toStrictEqual(before);
  return answer.error;
}

const long = (count: number): string => "x".repeat(count);

describe("run.submit refuses, names the field, and stores nothing", () => {
  test.each<[string, object, RegExp]>([
    // Names.
    ["an empty name", { name: "" }, /^run\.submit: name: expected 1 to 128/],
    ["a name of 129 letters", { name: long(129) }, /name: expected 1 to 128/],
    ["a name of 1 MB", { name: long(1_000_000) }, /name: expected 1 to 128/],
    ["a name with a newline", { name: "a\nb" }, /name/],
    ["a name with ESC", { name: "a\u001b[31m" }, /name/],
    ["a name with a right-to-left mark", { name: "a\u202eb" }, /name/],
    ["a name that is a path", { name: "../etc" }, /name/],
    ["a name like an option", { name: "-rf" }, /name/],
    ["a name with a specifier", { name: "%n" }, /name/],
    ["a name with a substitution", { name: "$(id)" }, /name/],
    ["a name that is a number", { name: 7 }, /name: expected a text/],
    // Arguments.
    ["no arguments", { argv: [] }, /argv/],
    ["an empty program", { argv: [""] }, /argv\[0\]: the program's name is empty/],
    ["10,001 arguments", { argv: Array.from({ length: 10_001 }, () => "a") }, /at most 10000/],
    ["an argument of 128 KiB", { argv: ["echo", long(131_072)] }, /argv\[1\].*131071 bytes/],
    [
      "arguments of over 1 MiB",
      { argv: ["echo", ...Array.from({ length: 9 }, () => long(120_000))] },
      /1 MiB/,
    ],
    ["NUL in an argument", { argv: ["echo", "a\0b"] }, /NUL/],
    ["an argument that is a number", { argv: ["echo", 1] }, /argv\[1\]/],
    ["a program that is not there", { argv: ["no-such-program"] }, /no program no-such-program/],
    ["a program that is a directory", { argv: ["/usr"] }, /not an executable file/],
    // Environment.
    ["a variable with =", { env: { "A=B": "1" } }, /env/],
    ["a variable without a name", { env: { "": "1" } }, /env/],
    ["NUL in a variable", { env: { A: "a\0" } }, /NUL/],
    ["an environment of 10 MB in parts", { env: { A: long(300_000) } }, /256 KiB/],
    ["an environment that is a list", { env: ["A=1"] }, /env/],
    // Directory.
    ["a relative directory", { cwd: "work" }, /cwd: expected an absolute path/],
    [
      "a directory that is gone",
      { cwd: "/no/such/place" },
      /is not a directory this daemon can enter/,
    ],
    [
      "a directory that is a file",
      { cwd: "/etc/passwd" },
      /is not a directory this daemon can enter/,
    ],
    ["a directory with NUL", { cwd: "/a\0b" }, /cwd/],
    ["a directory of 5,000 letters", { cwd: `/${long(5000)}` }, /cwd/],
    // Memory.
    ["no memory", { memory: { firstBytes: 0 } }, /memory\.firstBytes/],
    ["less than none", { memory: { firstBytes: -1 } }, /memory\.firstBytes/],
    ["half a byte", { memory: { firstBytes: 1.5 } }, /memory\.firstBytes/],
    ["more bytes than can be counted", { memory: { firstBytes: 2 ** 53 } }, /memory\.firstBytes/],
    ["memory as text", { memory: { firstBytes: "10G" } }, /memory\.firstBytes/],
    ["null for memory", { memory: { firstBytes: null } }, /memory\.firstBytes/],
    ["a first limit above the ceiling", { memory: { firstBytes: 2, ceilingBytes: 1 } }, /ceiling/],
    // Times, counts.
    ["a timeout of 0", { timeoutMs: 0 }, /timeoutMs/],
    ["a timeout below 0", { softTimeoutMs: -1 }, /softTimeoutMs/],
    ["a timeout of centuries", { timeoutMs: 1e15 }, /timeoutMs/],
    ["a priority of 1001", { priority: 1001 }, /priority/],
    ["a priority of -1001", { priority: -1001 }, /priority/],
    ["half a priority", { priority: 0.5 }, /priority/],
    ["101 retries", { retries: 101 }, /retries/],
    ["-1 retries", { oomRetries: -1 }, /oomRetries/],
    ["less than no CPU", { cpus: -1 }, /cpus/],
    ["5,000 CPUs", { cpus: 5000 }, /cpus/],
    ["a pool of 0", { pools: { db: 0 } }, /pools/],
    ["a lock with a blank", { locks: ["a b"] }, /locks\[0\]/],
    ["33 locks", { locks: Array.from({ length: 33 }, (_, n) => `l${String(n)}`) }, /locks/],
    // Shapes.
    ["a misspelt parameter", { prioritty: 1 }, /prioritty: .*did you mean `priority`/],
    ["a parameter of another depth", { memory: { firstByte: 1 } }, /did you mean `firstBytes`/],
    ["a constructor", { constructor: 1 }, /constructor/],
    ["1,001 needs", { needs: Array.from({ length: 1001 }, () => "last") }, /needs/],
    ["an empty dedupe key", { dedupeKey: "" }, /dedupeKey/],
    ["a dedupe key of 257 letters", { dedupeKey: long(257) }, /dedupeKey/],
  ])("%s", async (_what, params, message) => {
    const refusal = await refused(params);
    expect(refusal).toMatchObject({ reason: "invalid-request" });
    expect(refusal.message).toMatch(message);
    expect(refusal.message.length).toBeLessThan(1000);
  });

  test.each<[string, object, RegExp]>([
    ["2 GiB of a budget of 1 GiB", { memory: { firstBytes: 2 * 1024 ** 3 } }, /2 GiB.*1 GiB/],
    ["3 of 2 CPUs", { cpus: 3 }, /3 CPUs.*2/],
    ["2 of a pool of 1", { pools: { db: 2 } }, /claims 2 of pool db, which has 1/],
    ["a pool that is not there", { pools: { gpu: 1 } }, /no pool gpu/],
  ])("what can never fit: %s", async (_what, params, message) => {
    const refusal = await refused(params);
    expect(refusal).toMatchObject({ reason: "never-fits" });
    expect(refusal.message).toMatch(message);
  });

  test("a program without its executable bit, and a loop of links for a directory", async () => {
    const file = path.join(rig.directory, "script");
    writeFileSync(file, "#!/bin/sh\n", { mode: 0o600 });
    expect((await refused({ argv: [file] })).message).toMatch(/not an executable file/);
    const loop = path.join(rig.directory, "loop");
    symlinkSync("loop", loop);
    expect((await refused({ cwd: loop })).message).toMatch(/not a directory/);
  });
});

describe("ids", () => {
  test.each([
    ["run_000000000000", "not-found"],
    ["1 OR 1=1", "not-found"],
    ["run_' --", "not-found"],
    ["%", "not-found"],
    ["../../etc", "not-found"],
    ["", "invalid-request"],
    [long(129), "invalid-request"],
    [17, "invalid-request"],
    [{}, "invalid-request"],
    [null, "invalid-request"],
  ])("%j is %s", async (run, reason) => {
    for (const method of ["run.get", "run.explain"]) {
      const answer = await rig.connection.callAny(method, { run });
      expect(answer).toMatchObject({ ok: false, error: { reason } });
    }
    const list = await rig.connection.callAny("run.cancel", { runs: [run] });
    expect(list).toMatchObject({ ok: false, error: { reason } });
  });

  test("a list of 1,001 is refused", async () => {
    const runs = Array.from({ length: 1001 }, () => "last");
    const answer = await rig.connection.callAny("run.wait", { runs });
    expect(answer).toMatchObject({ ok: false, error: { reason: "invalid-request" } });
  });

  test("a prefix that two runs have is ambiguous, and names them", async () => {
    const ids = [await rig.submit(["true"]), await rig.submit(["true"])];
    const refusal = await rig.refusal("run.get", { run: ids[0]?.slice(0, 7) ?? "" });
    expect(refusal.reason).toBe("ambiguous");
    expect(refusal.message).toContain(ids[1]);
    for (const id of ids) await rig.finished(id);
  });
});

test("log offsets: before the start, past the end and within a character each have an answer", async () => {
  const id = await rig.submit(["printf", "aé"]);
  await rig.finished(id);
  const page = async (offset: number) => {
    const { base64, ...rest } = await rig.call("run.log", { run: id, stream: "stdout", offset });
    return { hex: Buffer.from(base64, "base64").toString("hex"), next: rest.next };
  };
  expect(await page(0)).toStrictEqual({ hex: "61c3a9", next: 3 });
  expect(await page(2)).toStrictEqual({ hex: "a9", next: 3 });
  expect(await page(-1)).toStrictEqual({ hex: "a9", next: 3 });
  expect(await page(-100)).toStrictEqual({ hex: "61c3a9", next: 3 });
  expect((await page(100)).hex).toBe("");
  const gone = await rig.connection.callAny("run.log", { run: id, stream: "stdlog" });
  expect(gone).toMatchObject({ ok: false, error: { reason: "invalid-request" } });
});

test("what is wrong only when it starts ends as could-not-start, with the reason in its own log", async () => {
  const place = path.join(rig.directory, "soon-gone");
  mkdirSync(place);
  const program = path.join(rig.directory, "soon-broken");
  writeFileSync(program, "#!/no/such/interpreter\n", { mode: 0o700 });
  await rig.call("daemon.pause", {});
  const noPlace = await rig.submit(["true"], { cwd: place });
  const noProgram = await rig.submit([program]);
  rmdirSync(place);
  await rig.call("daemon.resume", {});
  for (const [id, word] of [
    [noPlace, "soon-gone"],
    [noProgram, "soon-broken"],
  ] as const) {
    const run = await rig.finished(id);
    expect(run).toMatchObject({ state: "failed", exitCode: 127, attempts: 1 });
    expect(run.history[0]?.outcome?.cause).toBe("could-not-start");
    expect(await rig.output(id, "stderr")).toContain(word);
  }
});

describe("frames", () => {
  /** Sends bytes on a connection of their own; answers the first line that comes back, if any. */
  function send(bytes: string | Uint8Array): Promise<string> {
    const socket = connect(rig.socket);
    return new Promise((resolve) => {
      createInterface({ input: socket }).once("line", (line) => {
        resolve(line);
        socket.destroy();
      });
      socket.once("close", () => {
        resolve("");
      });
      socket.on("error", () => undefined);
      socket.write(bytes);
    });
  }

  test.each<[string, string | Uint8Array, number]>([
    ["no JSON", "hello\n", -32700],
    ["no object", "7\n", -32600],
    ["an empty batch", "[]\n", -32600],
    ["101 in a batch", `[${Array.from({ length: 101 }, () => "1").join(",")}]\n`, -32600],
    ["no version", '{"id":1,"method":"daemon.status"}\n', -32600],
    ["an unknown method", '{"jsonrpc":"2.0","id":1,"method":"run.delete"}\n', -32601],
    ["a method of Object", '{"jsonrpc":"2.0","id":1,"method":"constructor"}\n', -32601],
    [
      "a prototype",
      '{"jsonrpc":"2.0","id":1,"method":"run.get","params":{"__proto__":1}}\n',
      -32600,
    ],
    ["NUL", '{"jsonrpc":"2.0",\0}\n', -32600],
    ["half a character", Buffer.from([0x22, 0xc3, 0x22, 0x0a]), -32600],
    ["100,000 brackets", `${"[".repeat(100_000)}\n`, -32600],
    ["5 MiB without an end", long(5 * 1024 ** 2), -32600],
  ])("%s is answered, and the daemon lives", async (_what, bytes, code) => {
    const answer = JSON.parse(await send(bytes)) as { error: { code: number } };
    expect(answer.error.code).toBe(code);
    expect(await counts()).toStrictEqual(before);
  });
});
