import { appendFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { wireLimits } from "../../../daemon/protocol/limits.ts";
import { DaemonRig } from "./daemon-rig.ts";

interface Page {
  readonly base64: string;
  readonly next: number;
  readonly ended: boolean;
  readonly attempt: number;
}

const text = (page: unknown): string =>
  Buffer.from((page as Page).base64, "base64").toString("utf8");

/** A run whose command goes on until the file `go` is made, and says so in its log first. */
async function waitingRun(rig: DaemonRig, before = "echo begun"): Promise<string> {
  const script = `${before}; while [ ! -e go ]; do sleep 0.02; done; echo over`;
  return rig.submit(script, { name: "talker" });
}

describe("run.log", () => {
  it("answers bytes by offset, from the start, the middle and the end", async () => {
    const rig = await DaemonRig.serving();
    rig.begin();
    const id = await rig.submit("printf 0123456789; printf error >&2");
    await rig.ended(id);
    const log = (more: object): Promise<unknown> =>
      rig.call("run.log", { run: id, stream: "stdout", ...more });
    expect(await log({})).toEqual({
      attempt: 1,
      base64: Buffer.from("0123456789").toString("base64"),
      offset: 0,
      next: 10,
      dropped: 0,
      ended: true,
    });
    expect(await log({ offset: -3 })).toMatchObject({ offset: 7, next: 10, ended: true });
    expect(await log({ offset: 999 })).toMatchObject({ base64: "", offset: 10, next: 10 });
    expect(await log({ limit: 4 })).toMatchObject({ next: 4, ended: false });
    expect(text(await log({ stream: "stderr" }))).toBe("error");
    expect(await log({ attempt: 1 })).toMatchObject({ attempt: 1, ended: true });
  });

  it.each([
    ["an offset that is no whole number", { offset: 1.5 }],
    ["an offset past 2^53", { offset: 2 ** 53 }],
    ["a limit of 0", { limit: 0 }],
    ["a limit past a page", { limit: wireLimits.logPageBytes + 1 }],
    ["a wait longer than allowed", { waitMs: wireLimits.waitMs + 1 }],
    ["a stream of another name", { stream: "../stdout" }],
    ["a step that is a path", { step: "../../etc" }],
  ])("refuses %s", async (_what, more) => {
    const rig = await DaemonRig.serving();
    const id = await rig.submit("exit 0");
    const { error } = await rig.ask("run.log", { run: id, stream: "stdout", ...more });
    expect(error?.data?.["reason"]).toBe("invalid-request");
  });

  it("answers attempt 0 before there is one, and names an attempt that is not there", async () => {
    const rig = await DaemonRig.serving();
    const id = await rig.submit("exit 0");
    const page = await rig.call("run.log", { run: id, stream: "stdout" });
    expect(page).toMatchObject({ attempt: 0, next: 0, ended: false });
    const { error } = await rig.ask("run.log", { run: id, stream: "stdout", attempt: 9 });
    expect(error?.data?.["reason"]).toBe("not-found");
  });

  it("with waitMs answers at the first byte, and at the end of the run", async () => {
    const rig = await DaemonRig.serving();
    const id = await waitingRun(rig, "sleep 0.1; echo begun");
    const first = rig.call("run.log", { run: id, stream: "stdout", waitMs: 60_000 });
    rig.begin();
    expect(text(await first)).toBe("begun\n");
    const { next } = await first;
    const second = rig.call("run.log", { run: id, stream: "stdout", offset: next, waitMs: 60_000 });
    writeFileSync(join(rig.directory, "go"), "");
    expect(text(await second)).toBe("over\n");
    const offset = (await second).next;
    const last = await rig.call("run.log", { run: id, stream: "stdout", offset, waitMs: 60_000 });
    expect(last).toMatchObject({ base64: "", ended: true });
  });

  it("with waitMs and an offset from the end keeps its place while the log grows", async () => {
    const rig = await DaemonRig.serving();
    rig.begin();
    const id = await waitingRun(rig);
    const begun = await rig.call("run.log", { run: id, stream: "stdout", waitMs: 60_000 });
    expect(text(begun)).toBe("begun\n");
    const at = await rig.call("run.log", { run: id, stream: "stdout", offset: -4 });
    expect(text(at)).toBe("gun\n");
    const news = rig.call("run.log", {
      run: id,
      stream: "stdout",
      offset: at.next,
      waitMs: 60_000,
    });
    writeFileSync(join(rig.directory, "go"), "");
    expect(text(await news)).toBe("over\n");
  });

  it("with waitMs tells at once that the log is another than the one that was read so far", async () => {
    const rig = await DaemonRig.serving();
    rig.begin();
    const id = await waitingRun(rig);
    await rig.call("run.log", { run: id, stream: "stdout", waitMs: 60_000 });
    const past = { run: id, stream: "stdout", offset: 999, waitMs: 60_000 } as const;
    expect(await rig.call("run.log", past)).toMatchObject({ base64: "", next: 6, ended: false });
    writeFileSync(join(rig.directory, "go"), "");
    await rig.ended(id);
  });

  it("fault 28: whose client goes away waits no longer", async () => {
    const rig = await DaemonRig.serving();
    const id = await rig.submit("exit 0");
    const client = await rig.connect();
    client.send(
      `{"jsonrpc":"2.0","id":1,"method":"run.log","params":{"run":"${id}","stream":"stdout","waitMs":60000}}\n`,
    );
    await client.call("rpc.discover");
    client.socket.end();
    expect(await client.next()).toMatchObject({ id: 1, result: { attempt: 0, ended: false } });
    await client.closed;
  });

  it("fault 26: does not read what the work put in the place of its log", async () => {
    const rig = await DaemonRig.serving();
    rig.begin();
    const id = await rig.submit("echo mine");
    const { history } = await rig.ended(id);
    const log = join(history[0]?.directory ?? "", "stdout.log");
    rmSync(log);
    symlinkSync("/etc/passwd", log);
    const { error } = await rig.ask("run.log", { run: id, stream: "stdout" });
    expect(error?.data?.["reason"]).toBe("not-found");
    expect(error?.message).toContain("removed or replaced");
  });

  it("skips the hole that the cap left and counts it", async () => {
    const rig = await DaemonRig.serving();
    rig.begin();
    const id = await rig.submit("printf head");
    const { history } = await rig.ended(id);
    const log = join(history[0]?.directory ?? "", "stdout.log");
    appendFileSync(log, `${"\0".repeat(96)}tail`);
    const hole = { atBytes: 4, skipBytes: 96, droppedBytes: 96 };
    writeFileSync(log.replace(".log", ".hole"), `${JSON.stringify(hole)}\n`);
    const head = await rig.call("run.log", { run: id, stream: "stdout" });
    expect([text(head), head.next, head.ended]).toEqual(["head", 4, false]);
    const tail = await rig.call("run.log", { run: id, stream: "stdout", offset: 4 });
    expect(tail).toMatchObject({ offset: 100, next: 104, dropped: 96, ended: true });
    expect(text(tail)).toBe("tail");
  });
});
